package dev.quipforge.cli.platform;

import dev.quipforge.cli.device.BackendOption;
import dev.quipforge.cli.terminal.BaseCommand;
import dev.quipforge.cli.terminal.CommandFailure;
import dev.quipforge.cli.terminal.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Serves models in folders until it is stopped. */
@Command(
        name = "serve",
        description =
                "Serves Hugging Face directories, quantized here or dense, at /v1/completions and /v1/models until it is"
                        + " stopped. No other service is needed. Each model is called by the name of its folder.")
public final class ServeCommand extends BaseCommand {

    @Option(
            names = "--model",
            paramLabel = "DIR",
            required = true,
            description = "A Hugging Face directory. May be repeated.")
    private List<Path> models = new ArrayList<>();

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "8000",
            description = "Port to listen on, 0 for any free one (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "Address to listen on (default: ${DEFAULT-VALUE}).")
    private String host = "";

    @Mixin
    private BackendOption backend = new BackendOption();

    @Option(
            names = "--cache",
            paramLabel = "SIZE",
            defaultValue = "2GB",
            description = "Memory for the keys and values of one model's texts (default: ${DEFAULT-VALUE}).")
    private String cache = "";

    /** The command, speaking to {@code terminal}. */
    public ServeCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    protected int run() throws IOException, InterruptedException {
        for (Path model : models) {
            if (!Files.isDirectory(model)) {
                throw new CommandFailure("--model: " + model + " (expected: a Hugging Face directory)");
            }
        }
        Process process =
                StandaloneLauncher.ofInstallation().serving(settings()).start();
        Thread stop = new Thread(process::destroy, "stop");
        Runtime.getRuntime().addShutdownHook(stop);
        int code = process.waitFor();
        return code == 0 ? 0 : CommandFailure.FAILED;
    }

    private List<String> settings() {
        String directories = models.stream()
                .map(model -> model.toAbsolutePath().normalize().toString())
                .collect(Collectors.joining(","));
        return List.of(
                "--quipforge.serving.directories=" + directories,
                "--quipforge.serving.cache=" + cache,
                "--quipforge.compute.backend=" + backend.name(),
                "--server.port=" + port,
                "--server.address=" + host);
    }
}
