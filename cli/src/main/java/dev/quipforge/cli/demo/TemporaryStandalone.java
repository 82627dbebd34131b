package dev.quipforge.cli.demo;

import dev.quipforge.cli.platform.StandaloneLauncher;
import dev.quipforge.cli.platform.Startup;
import dev.quipforge.cli.terminal.CommandFailure;
import dev.quipforge.cli.terminal.Terminal;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A standalone on a temporary directory. It ends with this process, however this process ends: in order when closed or interrupted,
 * and by the end of its standard input when this process is killed. It deletes its directory itself.
 */
final class TemporaryStandalone implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(75);

    private final Process process;
    private final URI url;
    private final Thread hook;

    private TemporaryStandalone(Process process, URI url, Thread hook) {
        this.process = process;
        this.url = url;
        this.hook = hook;
    }

    /** Starts one and waits until it is ready. */
    static TemporaryStandalone start(StandaloneLauncher launcher, Terminal terminal)
            throws IOException, InterruptedException {
        Path data = Files.createTempDirectory("quipforge-demo-");
        Process process = launcher.tied(new StandaloneLauncher.Settings(data, 0, "127.0.0.1", List.of()));
        Thread hook = new Thread(() -> stop(process), "stop the standalone");
        Runtime.getRuntime().addShutdownHook(hook);
        URI url = Startup.piped(process, terminal).awaitReady();
        return new TemporaryStandalone(process, url, hook);
    }

    /** Where its gateway is. */
    URI url() {
        return url;
    }

    /** What went wrong, given that a request to it failed: if it has died, that is the reason. */
    CommandFailure explain(CommandFailure failure) throws InterruptedException {
        return process.waitFor(1, TimeUnit.SECONDS)
                ? new CommandFailure(
                        "the standalone has ended in the middle of the work, with exit code " + process.exitValue(),
                        failure)
                : failure;
    }

    @Override
    public void close() {
        stop(process);
        Runtime.getRuntime().removeShutdownHook(hook);
    }

    /** Ends its standard input and waits for it. */
    private static void stop(Process process) {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            process.destroy();
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
        }
    }
}
