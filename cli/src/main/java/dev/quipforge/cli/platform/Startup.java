package dev.quipforge.cli.platform;

import dev.quipforge.cli.terminal.CommandFailure;
import dev.quipforge.cli.terminal.Terminal;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/** Waits until a standalone that has just been started is ready, and says on the way what it is doing. */
public final class Startup {

    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final String READY = "ready ";
    private static final String ERROR = "error: ";

    private final Process process;
    private final Supplier<List<String>> lines;
    private final Terminal terminal;
    private int shown;

    private Startup(Process process, Supplier<List<String>> lines, Terminal terminal) {
        this.process = process;
        this.lines = lines;
        this.terminal = terminal;
    }

    /** The start of a process whose standard output is a pipe to this one. */
    public static Startup piped(Process process, Terminal terminal) {
        List<String> lines = new CopyOnWriteArrayList<>();
        Thread.ofPlatform()
                .name("output of the standalone")
                .daemon()
                .start(() -> process.inputReader().lines().forEach(lines::add));
        return new Startup(process, () -> lines, terminal);
    }

    /** The start of a process that writes to {@code console} from the line {@code from} on. */
    static Startup logged(Process process, Path console, int from, Terminal terminal) {
        return new Startup(process, () -> read(console).stream().skip(from).toList(), terminal);
    }

    /**
     * Returns where the gateway is, as soon as it is ready.
     *
     * @throws CommandFailure if it does not start; the message is what it said
     */
    public URI awaitReady() throws InterruptedException {
        for (long waited = 0; waited < PATIENCE.toMillis(); waited += LOOK.toMillis()) {
            // Asked before the lines are read: what it said before it ended is among them.
            boolean alive = process.isAlive();
            Optional<URI> ready = show();
            if (ready.isPresent()) {
                return ready.get();
            }
            if (!alive) {
                throw new CommandFailure(reason());
            }
            Thread.sleep(LOOK);
        }
        process.destroy();
        throw new CommandFailure("the standalone is not ready after " + PATIENCE.toMinutes() + " minutes: gave up");
    }

    private Optional<URI> show() {
        List<String> said = lines.get();
        for (; shown < said.size(); shown++) {
            String line = said.get(shown);
            if (line.startsWith(READY)) {
                return Optional.of(URI.create(line.substring(READY.length())));
            }
            if (line.startsWith("starting ")) {
                terminal.remark(line);
            }
        }
        return Optional.empty();
    }

    private String reason() throws InterruptedException {
        // The pipe may still hold what it said last.
        Thread.sleep(LOOK);
        List<String> said = lines.get();
        return said.stream()
                .filter(line -> line.startsWith(ERROR))
                .reduce((first, second) -> second)
                .map(line -> line.substring(ERROR.length()))
                .orElseGet(() -> "the standalone ended with exit code " + process.exitValue()
                        + (said.isEmpty() ? "" : "; it said: " + said.getLast()));
    }

    static List<String> read(Path console) {
        try {
            return Files.exists(console) ? Files.readAllLines(console) : List.of();
        } catch (IOException e) {
            throw new CommandFailure(console + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
