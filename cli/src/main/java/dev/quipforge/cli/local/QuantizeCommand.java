package dev.quipforge.cli.local;

import dev.quipforge.cli.device.BackendOption;
import dev.quipforge.cli.platform.ResidentMemory;
import dev.quipforge.cli.terminal.BaseCommand;
import dev.quipforge.cli.terminal.Terminal;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.llm.calibration.CalibrationSource;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.config.TuningConfig;
import dev.quipforge.llm.pipeline.LocalQuantization;
import dev.quipforge.llm.pipeline.LocalQuantization.Request;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Quantizes a model in this process. */
@Command(
        name = "quantize",
        description =
                "Quantizes a Hugging Face directory in this process, without any service. The same recipe and seed give the"
                        + " same bytes as a job.")
public final class QuantizeCommand extends BaseCommand {

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "A Hugging Face directory.")
    private Path model = Path.of("");

    @Option(
            names = "--out",
            paramLabel = "DIR",
            required = true,
            description = "The directory to make; absent or empty.")
    private Path out = Path.of("");

    @Mixin
    private RecipeOptions recipe = new RecipeOptions();

    @Mixin
    private TuningOptions tuning = new TuningOptions();

    @Option(
            names = "--calibration",
            paramLabel = "FILE",
            description =
                    "A UTF-8 text to calibrate on, or self-generated: the model writes the windows itself (default:"
                            + " calibration.txt in the model's directory, else beside it, else the English text that comes"
                            + " with quipforge).")
    private @Nullable Path calibration;

    @Option(
            names = "--samples",
            paramLabel = "N",
            defaultValue = "256",
            description = "Windows of the text to take, at most, or to write (default: ${DEFAULT-VALUE}).")
    private int samples;

    @Option(
            names = "--context",
            paramLabel = "N",
            defaultValue = "512",
            description = "Tokens of one window (default: ${DEFAULT-VALUE}).")
    private int context;

    @Mixin
    private BackendOption backend = new BackendOption();

    /** The command, speaking to {@code terminal}. */
    public QuantizeCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    protected int run() {
        QuantizationScheme scheme = recipe.scheme();
        TuningConfig tuned = tuning.config(model);
        CalibrationSource source = source(scheme.seed());
        StageBars bars = new StageBars(terminal(), System::nanoTime);
        Path output = out.toAbsolutePath().normalize();
        try (ComputeBackend compute = backend.open(terminal())) {
            LocalQuantization.Result result = LocalQuantization.run(
                    compute,
                    new Request(model, output, source, scheme, tuned),
                    stage -> bars.begin(stage.name().toLowerCase(Locale.ROOT)));
            long resident = ResidentMemory.peakOfThisProcess();
            QuantizeReport report =
                    QuantizeReport.of(scheme, tuned, result, resident == 0 ? result.peakMemoryBytes() : resident);
            terminal().result(report, report::text);
        }
        return 0;
    }

    private CalibrationSource source(long seed) {
        if (calibration != null && calibration.toString().equals(CalibrationSource.SELF_GENERATED)) {
            return new CalibrationSource.SelfGenerated(seed, samples, context);
        }
        Path text = CalibrationText.choose(calibration, model);
        if (calibration == null) {
            terminal().remark("calibrating on " + text);
        }
        return new CalibrationSource.Text(TextFiles.read("--calibration", text), samples, context);
    }
}
