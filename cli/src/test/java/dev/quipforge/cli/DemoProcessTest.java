package dev.quipforge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A demonstration that is not allowed to finish. */
class DemoProcessTest {

    private static final Duration PATIENCE = Duration.ofSeconds(150);

    @TempDir
    private Path folder;

    /**
     * Killed in the middle of the work it can do nothing more itself; told to end while it starts it cleans up. TERM stands for
     * INT, too, which a shell lets its background jobs ignore, and with them this test.
     */
    @ParameterizedTest
    @CsvSource({"KILL, calibrate", "TERM, starting"})
    void nothingIsLeftOfADemoThatIsStopped(String signal, String when) throws Exception {
        Process demo = start();
        try (BufferedReader said = demo.errorReader()) {
            Optional<String> line =
                    said.lines().filter(text -> text.startsWith(when)).findFirst();
            assertThat(line).isPresent();
            List<ProcessHandle> processes = processes(demo);
            assertThat(processes).hasSizeGreaterThanOrEqualTo(1);
            new ProcessBuilder("kill", "-" + signal, Long.toString(demo.pid()))
                    .start()
                    .waitFor();
            assertThat(demo.waitFor(PATIENCE)).isTrue();
            assertThat(demo.exitValue()).isNotZero();
            for (ProcessHandle process : processes) {
                awaitGone(process);
            }
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.map(path -> path.getFileName().toString())).containsExactly("tmp");
        }
        awaitEmpty(folder.resolve("tmp"));
    }

    private Process start() throws IOException {
        Path repository = Cli.repository();
        Path temporary = Files.createDirectories(folder.resolve("tmp"));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dquipforge.home=" + repository,
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                Quipforge.class.getName(),
                "demo"));
        return new ProcessBuilder(command).directory(folder.toFile()).start();
    }

    /** The standalone and all that it has started; PostgreSQL is no child of it, but of nobody. */
    private List<ProcessHandle> processes(Process demo) {
        String mark = folder.toString();
        return ProcessHandle.allProcesses()
                .filter(process ->
                        process.pid() != demo.pid() && commandLine(process).contains(mark))
                .toList();
    }

    private static void awaitGone(ProcessHandle process) throws InterruptedException {
        for (int i = 0; i < PATIENCE.toSeconds() * 10 && lives(process); i++) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
        assertThat(lives(process)).as(commandLine(process)).isFalse();
    }

    /** A process that nobody has waited for is dead all the same. */
    private static boolean lives(ProcessHandle process) {
        return process.isAlive() && !commandLine(process).isEmpty();
    }

    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
        } catch (IOException e) {
            return "";
        }
    }

    private static void awaitEmpty(Path directory) throws Exception {
        for (int i = 0; i < PATIENCE.toSeconds() * 10 && !entries(directory).isEmpty(); i++) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
        assertThat(entries(directory)).isEmpty();
    }

    private static List<Path> entries(Path directory) throws IOException {
        try (Stream<Path> left = Files.list(directory)) {
            return left.filter(path -> !path.getFileName().toString().startsWith("hsperf"))
                    .toList();
        }
    }
}
