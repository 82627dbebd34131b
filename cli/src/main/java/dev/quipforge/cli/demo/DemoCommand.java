package dev.quipforge.cli.demo;

import dev.quipforge.cli.client.JobClient;
import dev.quipforge.cli.job.ArtifactDownload;
import dev.quipforge.cli.job.JobRequest;
import dev.quipforge.cli.job.JobWatch;
import dev.quipforge.cli.job.ReportText;
import dev.quipforge.cli.platform.StandaloneLauncher;
import dev.quipforge.cli.terminal.BaseCommand;
import dev.quipforge.cli.terminal.CommandFailure;
import dev.quipforge.cli.terminal.Terminal;
import dev.quipforge.llm.calibration.CalibrationSource;
import dev.quipforge.llm.config.TuningMode;
import dev.quipforge.llm.config.TuningPreset;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Quantizes the demo model end to end on a platform that lives only as long as this command. */
@Command(
        name = "demo",
        description =
                "Starts the platform on a temporary directory, quantizes the demo model through all of it, prints what was"
                        + " measured, and stops it. Only the model is left.")
public final class DemoCommand extends BaseCommand {

    /** The table of measured accuracy is made with windows of this length, 256 of them to calibrate on. */
    private static final int WINDOW = 512;

    @Option(
            names = "--bits",
            paramLabel = "BITS",
            defaultValue = "2",
            description = "Bits per weight: 2, 3 or 4 (default: ${DEFAULT-VALUE}).")
    private int bits;

    @Option(
            names = "--tuning",
            paramLabel = "WHAT",
            description =
                    "none, blocks, or blocks+end-to-end: tuned to the original after rounding, which takes many times as"
                            + " long and loses half as much (default: none).")
    private @Nullable String tuning;

    @Option(
            names = "--tuning-preset",
            paramLabel = "PRESET",
            description = "standard, or fast: a third of the time for most of the effect (default: standard).")
    private @Nullable String tuningPreset;

    @Option(
            names = "--calibration",
            paramLabel = "WHAT",
            description =
                    "self-generated: the model writes the windows to calibrate on itself (default: the text that comes with"
                            + " it).")
    private @Nullable Path calibration;

    @Option(
            names = "--samples",
            paramLabel = "N",
            defaultValue = "256",
            description = "Windows of 512 tokens to calibrate on (default: ${DEFAULT-VALUE}).")
    private int samples;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "quipforge-demo",
            description = "Where the model is left; that of an earlier demo is replaced (default: ./${DEFAULT-VALUE}).")
    private Path out = Path.of("");

    /** The command, speaking to {@code terminal}. */
    public DemoCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    protected int run() throws IOException, InterruptedException {
        if (bits < 2 || bits > 4) {
            throw new CommandFailure(CommandFailure.USAGE, "--bits: " + bits + " (expected: 2, 3 or 4)");
        }
        checkCalibration();
        checkTuning();
        Path target = out.toAbsolutePath().normalize();
        ArtifactDownload.check(target);
        StandaloneLauncher launcher = StandaloneLauncher.ofInstallation();
        try (TemporaryStandalone standalone = TemporaryStandalone.start(launcher, terminal())) {
            quantize(launcher.demo(), standalone, target);
        }
        return 0;
    }

    /** A text of the user's own is for {@code job submit}; the table of measured accuracy is of this one. */
    private void checkCalibration() {
        if (calibration != null && !calibration.toString().equals(CalibrationSource.SELF_GENERATED)) {
            throw new CommandFailure(
                    CommandFailure.USAGE,
                    "--calibration: " + calibration + " (expected: " + CalibrationSource.SELF_GENERATED + ")");
        }
        if (samples < 1) {
            throw new CommandFailure(CommandFailure.USAGE, "--samples: " + samples + " (expected: at least 1)");
        }
    }

    /** What the platform would refuse too, but only once it runs. */
    private void checkTuning() {
        TuningMode mode = tuning == null ? TuningMode.NONE : TuningMode.of(tuning);
        if (tuningPreset != null) {
            TuningPreset preset = TuningPreset.of(tuningPreset);
            if (!mode.blocks()) {
                throw new CommandFailure(
                        CommandFailure.USAGE,
                        "--tuning-preset: " + preset.key() + " (expected: with --tuning blocks or blocks+end-to-end)");
            }
        }
    }

    private void quantize(Path demo, TemporaryStandalone standalone, Path target)
            throws IOException, InterruptedException {
        JobClient client = new JobClient(standalone.url());
        try {
            String id = client.submit(request(demo)).path("id").asString("");
            terminal().remark("job " + id + " at " + standalone.url());
            JsonNode job = new JobWatch(client, terminal()).untilEnd(id);
            if (!job.path("state").asString("").equals("SUCCEEDED")) {
                throw new CommandFailure(JobWatch.failure(job));
            }
            JsonNode report = client.report(id);
            new ArtifactDownload(client).into(id, target);
            say(report, target);
        } catch (CommandFailure failure) {
            throw standalone.explain(failure);
        }
    }

    private JsonNode request(Path demo) {
        return new JobRequest(demo.resolve("model"))
                .name("demo at " + bits + " bits")
                .recipe("method", "qtip")
                .recipe("code", "3inst")
                .recipe("bits", bits)
                .tuning("mode", tuning)
                .tuning("preset", tuningPreset)
                .calibrationOn(calibration == null ? demo.resolve("calibration.txt") : calibration)
                .calibration("samples", samples)
                .calibration("context", WINDOW)
                .evaluation("text", demo.resolve("heldout.txt"))
                .evaluation("window", WINDOW)
                .json();
    }

    private void say(JsonNode report, Path target) {
        ObjectNode document = (ObjectNode) report.deepCopy();
        document.put("out", target.toString());
        terminal().result(document, () -> ReportText.of(report) + System.lineSeparator() + "the model is in " + target);
    }
}
