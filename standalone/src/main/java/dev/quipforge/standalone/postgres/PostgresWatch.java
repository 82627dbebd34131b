package dev.quipforge.standalone.postgres;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A shell that outlives this process by a moment: it holds the reading end of a pipe and, when this process dies in any
 * way and the pipe ends, stops the server. So PostgreSQL is not left behind even by {@code kill -9}.
 */
final class PostgresWatch implements AutoCloseable {

    /** A line means that the server was stopped in order; the end of the pipe means that nobody is left to do it. */
    private static final String SCRIPT = "trap '' INT TERM HUP; if read -r _; then exit 0; fi; exec \"$@\"";

    private final Process shell;

    private PostgresWatch(Process shell) {
        this.shell = shell;
    }

    /** Starts watching; {@code stopCommand} is what will be run if this process dies. */
    static PostgresWatch start(List<String> stopCommand) throws IOException {
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", SCRIPT, "quipforge-postgres-watch"));
        command.addAll(stopCommand);
        return new PostgresWatch(new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
    }

    /** Has the server stopped at once, and ends the watch. */
    void abandon() throws IOException {
        shell.getOutputStream().close();
    }

    /** Ends the watch without stopping anything. */
    @Override
    public void close() throws IOException {
        try (OutputStream pipe = shell.getOutputStream()) {
            pipe.write("stopped\n".getBytes(StandardCharsets.US_ASCII));
        }
    }
}
