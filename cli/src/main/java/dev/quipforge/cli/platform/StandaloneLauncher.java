package dev.quipforge.cli.platform;

import dev.quipforge.cli.terminal.CommandFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line that starts the standalone, and the process that it becomes. */
public final class StandaloneLauncher {

    /**
     * A heap that starts small and is given back, one collector thread, small object headers: an idle standalone stays under 1.2 GB
     * with PostgreSQL. What the engine computes on is outside the heap.
     */
    private static final List<String> JVM = List.of(
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:+UseSerialGC",
            "-XX:+UseCompactObjectHeaders",
            "-Xms48m",
            "-Xmx1g",
            "-XX:MinHeapFreeRatio=15",
            "-XX:MaxHeapFreeRatio=30",
            "-XX:+ExitOnOutOfMemoryError",
            "-Djava.awt.headless=true");

    /** The main class of the server alone. */
    private static final String SERVING = "dev.quipforge.inference.ServeApplication";

    private final Path jar;
    private final Path demo;

    private StandaloneLauncher(Path jar, Path demo) {
        this.jar = jar;
        this.demo = demo;
    }

    /**
     * What a run is to be like.
     *
     * @param data its data directory
     * @param port of the gateway, 0 for any free one
     * @param host address the gateway listens on
     * @param allowed folders below which models and texts may be read; the usual ones when empty
     */
    public record Settings(Path data, int port, String host, List<Path> allowed) {

        public Settings {
            allowed = List.copyOf(allowed);
        }
    }

    /**
     * The launcher of this installation.
     *
     * @throws CommandFailure if the standalone has not been built
     */
    public static StandaloneLauncher ofInstallation() {
        String home = System.getProperty("quipforge.home", "");
        Path jar = Path.of(home, "standalone", "target", RunningStandalone.JAR);
        if (home.isEmpty() || !Files.exists(jar)) {
            throw new CommandFailure(jar.toAbsolutePath() + ": not there (expected: built by ./quipforge)");
        }
        return new StandaloneLauncher(jar, Path.of(home, "demo"));
    }

    /** The folder with the demo model and its texts. */
    public Path demo() {
        return demo;
    }

    /** Starts a standalone that goes on when this process ends. What it says is appended to {@code console}. */
    public Process detached(Settings settings, Path console) throws IOException {
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(Path.of("/usr/bin/setsid"))) {
            // A session of its own: no signal of this terminal reaches it.
            command.add("/usr/bin/setsid");
        }
        command.addAll(command(settings));
        return builder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(ProcessBuilder.Redirect.appendTo(console.toFile()))
                .start();
    }

    /** Starts a standalone that stops, and deletes its data directory, when this process ends in any way. */
    public Process tied(Settings settings) throws IOException {
        List<String> command = command(settings);
        command.addAll(List.of("--exit-with-stdin", "--temporary"));
        return builder(command).start();
    }

    /** What serves models in this terminal: no store, no broker, no jobs. */
    ProcessBuilder serving(List<String> settings) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM);
        // Read before Spring looks for settings: the standalone's own would write into files.
        command.add("-Dlogback.configurationFile=quipforge-serve-logback.xml");
        command.addAll(List.of("-cp", jar.toString(), SERVING));
        command.addAll(settings);
        return new ProcessBuilder(command).inheritIO();
    }

    private List<String> command(Settings settings) throws IOException {
        List<String> command = new ArrayList<>();
        // What libraries unpack and servers spool goes where it is deleted with everything else.
        Path temporary = Files.createDirectories(settings.data().resolve("tmp"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM);
        command.add("-Djava.io.tmpdir=" + temporary);
        command.addAll(List.of("-jar", jar.toString()));
        command.addAll(List.of("--data", settings.data().toString()));
        command.addAll(List.of("--port", Integer.toString(settings.port()), "--host", settings.host()));
        for (Path root : settings.allowed().isEmpty() ? usualRoots() : settings.allowed()) {
            command.addAll(List.of("--allow", root.toAbsolutePath().normalize().toString()));
        }
        return command;
    }

    private List<Path> usualRoots() {
        return List.of(Path.of(System.getProperty("user.home")), demo, Path.of(""));
    }

    private static ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        // Fewer arenas of the C library: less memory is held that nobody uses.
        builder.environment().put("MALLOC_ARENA_MAX", "2");
        return builder;
    }
}
