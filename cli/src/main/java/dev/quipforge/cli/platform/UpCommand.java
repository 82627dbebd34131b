package dev.quipforge.cli.platform;

import dev.quipforge.cli.terminal.BaseCommand;
import dev.quipforge.cli.terminal.CommandFailure;
import dev.quipforge.cli.terminal.Terminal;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Starts the standalone and leaves it running. */
@Command(name = "up", description = "Starts the platform on this machine and leaves it running.")
public final class UpCommand extends BaseCommand {

    @Mixin
    private DataOption data = new DataOption();

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "8080",
            description = "Port of the gateway, 0 for any free one (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "Address the gateway listens on (default: ${DEFAULT-VALUE}).")
    private String host = "";

    @Option(
            names = "--allow",
            paramLabel = "DIR",
            description =
                    "Models and texts may be read below this folder. May be repeated (default: your home, the demo and"
                            + " the current folder).")
    private List<Path> allowed = new ArrayList<>();

    /** The command, speaking to {@code terminal}. */
    public UpCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    protected int run() throws IOException, InterruptedException {
        Optional<RunningStandalone> running = RunningStandalone.find(data.path());
        Optional<URI> url = running.flatMap(RunningStandalone::url);
        if (running.isPresent() && url.isPresent()) {
            terminal().remark("already running");
            say(running.get().process().pid(), url.get());
            return 0;
        }
        if (running.isPresent()) {
            throw new CommandFailure(data.path() + ": already running as pid "
                    + running.get().process().pid() + ", which is starting or stopping");
        }
        start();
        return 0;
    }

    private void start() throws IOException, InterruptedException {
        Path logs = Files.createDirectories(data.path().resolve("logs"));
        Path console = logs.resolve("console.log");
        int from = Startup.read(console).size();
        StandaloneLauncher launcher = StandaloneLauncher.ofInstallation();
        Process process = launcher.detached(new StandaloneLauncher.Settings(data.path(), port, host, allowed), console);
        Thread abandon = new Thread(process::destroy, "abandon");
        Runtime.getRuntime().addShutdownHook(abandon);
        URI url = Startup.logged(process, console, from, terminal()).awaitReady();
        Runtime.getRuntime().removeShutdownHook(abandon);
        say(process.pid(), url);
    }

    private void say(long pid, URI url) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("state", "up");
        document.put("pid", pid);
        document.put("url", url.toString());
        document.put("data", data.path().toString());
        terminal().result(document, () -> "quipforge is up: " + url + " (pid " + pid + ", data " + data.path() + ")");
    }
}
