package dev.quipforge.llm.pipeline;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.calibration.CalibrationSource;
import dev.quipforge.llm.calibration.CalibrationWindows;
import dev.quipforge.llm.calibration.HessianCollector;
import dev.quipforge.llm.calibration.HessianReducer;
import dev.quipforge.llm.checkpoint.CheckpointAssembler;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.config.TuningConfig;
import dev.quipforge.llm.config.TuningMode;
import dev.quipforge.llm.config.TuningSchedule;
import dev.quipforge.llm.evaluation.Comparison;
import dev.quipforge.llm.evaluation.Perplexity;
import dev.quipforge.llm.file.AtomicFile;
import dev.quipforge.llm.model.Input;
import dev.quipforge.llm.model.LinearGroup;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.testing.TestModels;
import dev.quipforge.llm.tokenizer.TextWindows;
import dev.quipforge.llm.transformer.Llama;
import dev.quipforge.llm.tuning.ActivationCollector;
import dev.quipforge.llm.tuning.ModelTuner;
import dev.quipforge.llm.tuning.TuningCheckpoints;
import dev.quipforge.llm.tuning.TuningReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What schedules of tuning give on the demo model: {@code TuningMeasurement WORK DEVICE [KEY=VALUE…]}. Calibration, and the
 * blocks under their {@code name}, stay in WORK; {@code only=model} tunes the whole of blocks that are there already.
 *
 * <p>Keys: {@code method, code, bits, seed, samples, text} (of calibration), {@code name, only}; {@code block.} and {@code
 * model.} before {@code vectors, weights} (rates), {@code epochs, batch, accumulation, warmUp, floor}; {@code validation,
 * patience}.
 */
public final class TuningMeasurement {

    private static final int CONTEXT = 512;

    private final Map<String, String> settings = new HashMap<>();
    private final ComputeBackend backend;
    private final ModelDirectory model;
    private final Path work;

    private TuningMeasurement(ComputeBackend backend, ModelDirectory model, Path work) {
        this.backend = backend;
        this.model = model;
        this.work = work;
    }

    public static void main(String[] arguments) throws IOException {
        try (ComputeBackend backend = ComputeBackends.named(arguments[1]);
                ModelDirectory model = ModelDirectory.open(TestModels.demo().resolve("model"))) {
            System.out.println(backend.description());
            TuningMeasurement measurement = new TuningMeasurement(backend, model, Path.of(arguments[0]));
            for (String argument : List.of(arguments).subList(2, arguments.length)) {
                String[] pair = argument.split("=", 2);
                measurement.settings.put(pair[0], pair[1]);
            }
            measurement.run();
        }
    }

    private void run() throws IOException {
        Path text = Path.of(
                text("text", TestModels.demo().resolve("calibration.txt").toString()));
        int samples = (int) number("samples", 256);
        CalibrationWindows windows =
                CalibrationWindows.cut(model.tokenizer(), Files.readString(text), samples, CONTEXT);
        WorkFiles calibrated = new WorkFiles(work.resolve(text.getFileName() + "-" + windows.samples()), windows);
        if (Files.notExists(calibrated.hessian(model.linearGroups().getLast()))) {
            calibrate(calibrated);
        }
        Path directory = calibrated.directory().resolve(text("name", "run"));
        for (String shared : List.of("hessians", "activations")) {
            link(calibrated.directory().resolve(shared), directory.resolve(shared));
        }
        tune(new WorkFiles(directory, windows));
    }

    private static void link(Path target, Path link) throws IOException {
        Files.createDirectories(link.toAbsolutePath().getParent());
        if (Files.notExists(link)) {
            Files.createSymbolicLink(link, target.toAbsolutePath());
        }
    }

    private void calibrate(WorkFiles files) throws IOException {
        long start = System.nanoTime();
        for (WorkFiles.Shard shard : files.shards()) {
            new HessianCollector(backend, model)
                    .collect(files.windows(), shard.from(), shard.to(), files.sums(shard), Progress.NONE);
            new ActivationCollector(backend, model)
                    .collect(files.windows(), shard.from(), shard.to(), files.activations(), Progress.NONE);
        }
        for (LinearGroup group : model.linearGroups()) {
            HessianReducer.reduce(files.sums(group), files.hessian(group));
        }
        say("calibrated", start);
    }

    private void tune(WorkFiles files) throws IOException {
        QuantizationConfig config = QuantizationConfig.of(
                text("method", "qtip"), text("code", "3inst"), (int) number("bits", 2), (long) number("seed", 0));
        if (!text("only", "all").equals("model")) {
            LocalQuantization.Request request = new LocalQuantization.Request(
                    model.path(),
                    files.directory(),
                    new CalibrationSource.Text("", 0, CONTEXT),
                    config,
                    tuning(TuningMode.BLOCKS));
            GroupSequence sequence = new GroupSequence(backend, model, request, files);
            Map<LocalQuantization.Stage, Double> seconds = new EnumMap<>(LocalQuantization.Stage.class);
            sequence.run(LocalQuantization.StageListener.NONE, seconds);
            sequence.tunings().forEach(TuningMeasurement::say);
            System.out.println(seconds);
            compare("after blocks", files, sequence.files(), sequence.overlays(), config);
        }
        if (number("model.epochs", 8) > 0) {
            tuneModel(files, config);
        }
    }

    private void tuneModel(WorkFiles files, QuantizationConfig config) throws IOException {
        List<Path> groups = model.linearGroups().stream().map(files::group).toList();
        List<Path> overlays = model.linearGroups().stream()
                .filter(group -> group.input() == Input.MLP_DOWN)
                .map(files::overlay)
                .toList();
        ModelTuner.Task task = new ModelTuner.Task(
                groups,
                overlays,
                files.windows(),
                files.activations(model.config().sizes().blocks()));
        say(new ModelTuner(backend, model, config, tuning(TuningMode.BLOCKS_AND_END_TO_END))
                .tune(task, files.overlay(), TuningCheckpoints.NONE, Progress.NONE));
        compare("after both", files, groups, List.of(files.overlay()), config);
    }

    private void compare(
            String what, WorkFiles files, List<Path> groups, List<Path> overlays, QuantizationConfig config)
            throws IOException {
        Path output = files.directory().resolve("checkpoint");
        AtomicFile.deleteTree(output);
        CheckpointAssembler.assemble(model, groups, overlays, config, output);
        try (ModelDirectory assembled = ModelDirectory.open(output);
                Llama quantized = Llama.load(backend, assembled, Progress.NONE);
                Llama original = Llama.load(backend, model, Progress.NONE)) {
            String text = Files.readString(TestModels.demo().resolve("heldout.txt"));
            List<int[]> windows = TextWindows.cut(model.tokenizer(), text, Perplexity.WINDOW, "heldout.txt");
            Comparison comparison = Comparison.measure(original, quantized, windows, Progress.NONE);
            System.out.printf(
                    Locale.ROOT,
                    "%s %s: perplexity %.3f (original %.3f), divergence %.4f, agreement %.4f%n",
                    settings,
                    what,
                    comparison.quantized().perplexity(),
                    comparison.original().perplexity(),
                    comparison.meanDivergence(),
                    comparison.topAgreement());
        }
    }

    private TuningConfig tuning(TuningMode mode) {
        return new TuningConfig(
                mode, schedule("block.", 3e-4, 4), schedule("model.", 1e-3, 8), number("validation", 0.125), (int)
                        number("patience", 3));
    }

    private TuningSchedule schedule(String prefix, double rate, int epochs) {
        return new TuningSchedule(
                number(prefix + "vectors", rate),
                number(prefix + "weights", rate),
                (int) number(prefix + "epochs", epochs),
                (int) number(prefix + "batch", 8),
                (int) number(prefix + "accumulation", 1),
                number(prefix + "warmUp", 0),
                number(prefix + "floor", 0));
    }

    private String text(String key, String absent) {
        return settings.getOrDefault(key, absent);
    }

    private double number(String key, double absent) {
        String value = settings.get(key);
        return value == null ? absent : Double.parseDouble(value);
    }

    private static void say(String what, long start) {
        System.out.printf(Locale.ROOT, "%s in %.1f s%n", what, (System.nanoTime() - start) / 1e9);
    }

    private static void say(TuningReport report) {
        System.out.printf(
                Locale.ROOT,
                "%-18s %.6f -> %.6f in %.1f s: %s%n",
                report.name(),
                report.lossBefore(),
                report.lossAfter(),
                report.seconds(),
                report.curve().stream()
                        .map(loss -> String.format(Locale.ROOT, "%.6f", loss))
                        .toList());
    }
}
