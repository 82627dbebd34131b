package dev.quipforge.cli.local;

import dev.quipforge.cli.device.BackendOption;
import dev.quipforge.cli.terminal.BaseCommand;
import dev.quipforge.cli.terminal.CommandFailure;
import dev.quipforge.cli.terminal.Terminal;
import dev.quipforge.cli.terminal.Text;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.checkpoint.DenseExport;
import dev.quipforge.llm.file.AtomicFile;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.safetensors.DataType;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Converts a model to another form in this process. */
@Command(
        name = "convert",
        description =
                "Decodes a Hugging Face directory whose weights are quantized here, 8-bit floats or MXFP4, and writes an"
                        + " ordinary one, with the tensors of its family, that any program reads.")
public final class ConvertCommand extends BaseCommand {

    private static final String DENSE = "dense";

    @Option(names = "--to", paramLabel = "FORM", required = true, description = "dense.")
    private String form = "";

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "A Hugging Face directory.")
    private Path model = Path.of("");

    @Option(
            names = "--out",
            paramLabel = "DIR",
            required = true,
            description = "The directory to make; absent or empty.")
    private Path out = Path.of("");

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            defaultValue = "bf16",
            description = "Type of the decoded weights: bf16, f16 or f32 (default: ${DEFAULT-VALUE}).")
    private String type = "";

    @Mixin
    private BackendOption backend = new BackendOption();

    /**
     * What was made.
     *
     * @param output the directory
     * @param form what it was converted to
     * @param type of the decoded weights
     * @param weightBytes bytes of all weights
     * @param seconds it took
     */
    private record Converted(String output, String form, String type, long weightBytes, double seconds) {

        String text() {
            return "%s: %s, %s bytes of weights, %s"
                    .formatted(output, type, String.format(Locale.ROOT, "%,d", weightBytes), Text.duration(seconds));
        }
    }

    /** The command, speaking to {@code terminal}. */
    public ConvertCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    protected int run() {
        if (!form.equals(DENSE)) {
            throw new CommandFailure(CommandFailure.USAGE, "--to: " + form + " (expected: " + DENSE + ")");
        }
        DataType elements = elements();
        Path output = out.toAbsolutePath().normalize();
        AtomicFile.requireEmpty(output);
        Progress progress = new StageBars(terminal(), System::nanoTime).begin("convert");
        long start = System.nanoTime();
        try (ModelDirectory directory = ModelDirectory.open(model);
                ComputeBackend compute = backend.open(terminal())) {
            long bytes = DenseExport.write(compute, directory, elements, output, progress);
            double seconds = (System.nanoTime() - start) / 1e9;
            Converted converted = new Converted(output.toString(), form, type, bytes, seconds);
            terminal().result(converted, converted::text);
        }
        return 0;
    }

    private DataType elements() {
        return switch (type) {
            case "bf16" -> DataType.BF16;
            case "f16" -> DataType.F16;
            case "f32" -> DataType.F32;
            default ->
                throw new CommandFailure(CommandFailure.USAGE, "--type: " + type + " (expected: bf16, f16 or f32)");
        };
    }
}
