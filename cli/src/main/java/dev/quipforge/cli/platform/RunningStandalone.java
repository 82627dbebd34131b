package dev.quipforge.cli.platform;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The standalone that uses a data directory now.
 *
 * @param process its process
 * @param data its data directory
 * @param address where its gateway is; null while it is starting or stopping
 */
public record RunningStandalone(
        ProcessHandle process, Path data, @Nullable URI address) {

    /** What tells its process from another one that was given the same number. */
    static final String JAR = "quipforge-standalone.jar";

    /** {@code $QUIPFORGE_HOME}, else {@code ~/.quipforge/standalone}. */
    public static Path defaultData() {
        String home = System.getenv("QUIPFORGE_HOME");
        return home == null || home.isBlank()
                ? Path.of(System.getProperty("user.home"), ".quipforge", "standalone")
                : Path.of(home).toAbsolutePath();
    }

    /** The standalone on {@code data}; empty if none lives. */
    public static Optional<RunningStandalone> find(Path data) {
        Optional<JsonNode> state = read(data.resolve("standalone.json"));
        Optional<Long> pid = state.map(fields -> fields.path("pid").asLong(-1))
                .or(() -> text(data.resolve("standalone.lock")).flatMap(RunningStandalone::number));
        Optional<URI> url = state.map(fields -> fields.path("url").asString(""))
                .filter(text -> !text.isEmpty())
                .map(URI::create);
        return pid.flatMap(ProcessHandle::of)
                .filter(RunningStandalone::isStandalone)
                .map(process -> new RunningStandalone(process, data, url.orElse(null)));
    }

    /** Where its gateway is; empty while it is starting or stopping. */
    public Optional<URI> url() {
        return Optional.ofNullable(address);
    }

    private static boolean isStandalone(ProcessHandle process) {
        return process.isAlive() && commandLine(process).contains(JAR);
    }

    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
        } catch (IOException e) {
            // There is no /proc, or the process is somebody else's.
            return process.info().commandLine().orElse("");
        }
    }

    private static Optional<JsonNode> read(Path file) {
        try {
            return text(file).map(JsonMapper.shared()::readTree);
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> text(Path file) {
        try {
            return Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Optional<Long> number(String text) {
        return text.strip().matches("\\d{1,18}") ? Optional.of(Long.valueOf(text.strip())) : Optional.empty();
    }
}
