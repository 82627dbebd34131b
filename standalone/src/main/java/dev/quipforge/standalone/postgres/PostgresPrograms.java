package dev.quipforge.standalone.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Runs the programs of PostgreSQL on one data directory. They refuse to run as root; there they are given a user namespace
 * of their own, in which they are nobody and still own their files.
 */
final class PostgresPrograms {

    private static final int SECONDS_TO_START = 60;
    private static final int SECONDS_TO_STOP = 30;

    private final PostgresBinaries binaries;
    private final Path data;

    PostgresPrograms(PostgresBinaries binaries, Path data) {
        this.binaries = binaries;
        this.data = data;
    }

    /** Creates a data directory whose superuser has the password in {@code passwordFile}. */
    void initialize(Path newData, String user, Path passwordFile) throws IOException {
        run(command(
                "initdb",
                "--pgdata=" + newData,
                "--username=" + user,
                "--pwfile=" + passwordFile,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C"));
    }

    /** Starts the server in a session of its own, detached from this process and its terminal; waits until it is ready. */
    void start(Path log, String options) throws IOException {
        run(control("start", "-w", "-t", Integer.toString(SECONDS_TO_START), "-l", log.toString(), "-o", options));
    }

    /** Stops the server and waits for it; open connections are cut. */
    void stop() throws IOException {
        run(stopCommand());
    }

    /** The command line of {@link #stop()}. */
    List<String> stopCommand() {
        return control("stop", "-m", "fast", "-w", "-t", Integer.toString(SECONDS_TO_STOP));
    }

    private List<String> control(String action, String... options) {
        List<String> command = new ArrayList<>(command("pg_ctl", action, "-D", data.toString()));
        command.addAll(List.of(options));
        return command;
    }

    private List<String> command(String program, String... arguments) {
        List<String> command = new ArrayList<>();
        if (System.getProperty("user.name").equals("root")) {
            command.addAll(List.of("unshare", "--user"));
        }
        command.add(binaries.program(program));
        command.addAll(List.of(arguments));
        return command;
    }

    private static void run(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(Map.of("LC_ALL", "C", "TZ", "UTC"));
        Process process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        int code = waitFor(process);
        if (code != 0) {
            throw new IOException(
                    String.join(" ", command) + ": exit code " + code + " (expected: 0), it said: " + said);
        }
    }

    private static int waitFor(Process process) throws IOException {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for PostgreSQL", e);
        }
    }
}
