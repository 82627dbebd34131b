package dev.quipforge.cli.platform;

import dev.quipforge.cli.terminal.BaseCommand;
import dev.quipforge.cli.terminal.CommandFailure;
import dev.quipforge.cli.terminal.Terminal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Stops the standalone. */
@Command(name = "down", description = "Stops the platform on this machine; its data stays.")
public final class DownCommand extends BaseCommand {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Mixin
    private DataOption data = new DataOption();

    /** The command, speaking to {@code terminal}. */
    public DownCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    protected int run() throws InterruptedException {
        Optional<RunningStandalone> running = RunningStandalone.find(data.path());
        if (running.isEmpty()) {
            terminal().result(Map.of("state", "down", "stopped", false), () -> "quipforge is not running");
            return 0;
        }
        ProcessHandle process = running.get().process();
        terminal().remark("stopping pid " + process.pid());
        process.destroy();
        await(process);
        terminal()
                .result(
                        Map.of("state", "down", "stopped", true, "pid", process.pid()),
                        () -> "quipforge is down (was pid " + process.pid() + ")");
        return 0;
    }

    private static void await(ProcessHandle process) throws InterruptedException {
        try {
            process.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            process.destroyForcibly();
            throw new CommandFailure(
                    "pid " + process.pid() + ": not stopped after " + PATIENCE.toSeconds() + " s: killed", e);
        }
    }
}
