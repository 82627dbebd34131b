package dev.quipforge.cli.job;

import dev.quipforge.cli.terminal.Terminal;
import dev.quipforge.cli.terminal.Text;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Fetches the model that a job made. */
@Command(name = "download", description = "Fetches the quantized model of a job that has succeeded.")
final class DownloadCommand extends OneJobCommand {

    @Option(
            names = "--out",
            paramLabel = "DIR",
            required = true,
            description = "Where to; an earlier download there is replaced.")
    private Path out = Path.of("");

    DownloadCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    protected int run() throws IOException {
        long bytes = new ArtifactDownload(client()).into(job(), out);
        terminal()
                .result(
                        Map.of("out", out.toAbsolutePath().normalize().toString(), "bytes", bytes),
                        () -> Text.bytes(bytes) + " in " + out);
        return 0;
    }
}
