package dev.quipforge.cli.benchmark;

import dev.quipforge.benchmarks.Bench;
import dev.quipforge.benchmarks.ModelBenchmark;
import dev.quipforge.benchmarks.Report;
import dev.quipforge.cli.terminal.Terminal;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures the calibration, quantization and tuning of a whole model. */
@Command(
        name = "model",
        description = {
            "Measures the calibration, quantization and end-to-end tuning of a model with random weights.",
            "",
            "On a card the model has the shape of Llama-3-8B, on the CPU that of the demo model. Prints the seconds of the"
                    + " calibration, of one linear of the MLP from the file to its packed codes (a median), of all linears, and"
                    + " of two steps of end-to-end tuning with their validations; of that the seconds in the encoder, the"
                    + " weights, and the most memory of the device in use so far.",
            ""
        })
final class ModelCommand extends MeasuringCommand {

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            required = true,
            description = "Where the model is made, unless it is there; needs 17 GB for 32 blocks on a card.")
    private @Nullable Path directory;

    @Option(
            names = "--blocks",
            paramLabel = "N",
            defaultValue = "32",
            description = "Blocks of the model (default: ${DEFAULT-VALUE}).")
    private int blocks;

    @Option(
            names = "--windows",
            paramLabel = "N",
            defaultValue = "128",
            description = "Windows of the calibration (default: ${DEFAULT-VALUE}).")
    private int windows;

    @Option(
            names = "--context",
            paramLabel = "N",
            defaultValue = "2048",
            description = "Tokens of a window (default: ${DEFAULT-VALUE}).")
    private int context;

    @Option(
            names = "--code",
            paramLabel = "CODE",
            defaultValue = "3inst",
            description = "A code of QTIP (default: ${DEFAULT-VALUE}).")
    private String code = "";

    @Option(
            names = "--bits",
            paramLabel = "BITS",
            defaultValue = "2",
            description = "Bits per weight (default: ${DEFAULT-VALUE}).")
    private int bits;

    ModelCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Report measure(Bench bench) throws IOException {
        Path chosen = directory == null ? Path.of("") : directory;
        return ModelBenchmark.run(bench, new ModelBenchmark.Settings(chosen, blocks, windows, context, code, bits));
    }
}
