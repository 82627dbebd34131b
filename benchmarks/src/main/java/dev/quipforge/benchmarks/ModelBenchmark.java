package dev.quipforge.benchmarks;

import dev.quipforge.benchmarks.StepFigures.Step;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.calibration.CalibrationWindows;
import dev.quipforge.llm.checkpoint.CheckpointAssembler;
import dev.quipforge.llm.config.ConfigReader;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.config.TuningConfig;
import dev.quipforge.llm.config.TuningMode;
import dev.quipforge.llm.config.TuningPreset;
import dev.quipforge.llm.config.TuningSchedule;
import dev.quipforge.llm.evaluation.Comparison;
import dev.quipforge.llm.file.AtomicFile;
import dev.quipforge.llm.file.FreeSpace;
import dev.quipforge.llm.model.Layout;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.pipeline.ScratchNeed;
import dev.quipforge.llm.safetensors.DataType;
import dev.quipforge.llm.tokenizer.TextWindows;
import dev.quipforge.llm.transformer.BlockRunner;
import dev.quipforge.llm.tuning.ActivationCollector;
import dev.quipforge.llm.tuning.ActivationFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What a block of a large model takes in every step of a quantization, by the classes that do it in a job; and from that, by
 * multiplication, what the whole model would. The weights are random, a few blocks of them are made; so are the tokens.
 */
public final class ModelBenchmark {

    /** Windows that blocks are tuned on: those of a few steps, and those that it validates on. */
    private static final int TUNING_WINDOWS = 18;

    /**
     * What is measured.
     *
     * @param shape of the model
     * @param made how much of it is made
     * @param windows number of windows of the calibration and of the evaluation
     * @param length tokens of a window
     * @param config how it is quantized
     * @param endToEnd whether the made model is tuned end to end too
     */
    public record Settings(
            ModelShape shape, Made made, int windows, int length, QuantizationConfig config, boolean endToEnd) {

        private QuantizationScheme scheme() {
            return QuantizationScheme.uniform(config);
        }
    }

    /**
     * How much of a model is made.
     *
     * @param directory where, in a directory of its own that is removed in the end
     * @param blocks number of blocks
     * @param experts number of experts of a block; all when 0
     */
    public record Made(Path directory, int blocks, int experts) {}

    private final Bench bench;
    private final ComputeBackend backend;
    private final Settings settings;
    private final ModelDirectory model;
    private final Path work;
    private final BlockSteps steps;
    private final List<StepFigures> figures = new ArrayList<>();
    private final List<Map<String, Object>> rows = new ArrayList<>();

    private ModelBenchmark(Bench bench, Settings settings, ModelDirectory model, Path work) {
        this.bench = bench;
        this.backend = bench.backend();
        this.settings = settings;
        this.model = model;
        this.work = work;
        this.steps = new BlockSteps(backend, model, work, settings.config);
    }

    /**
     * Measures a model.
     *
     * @param bench where
     * @param settings what
     * @throws IOException when the model cannot be written
     * @throws dev.quipforge.llm.file.DiskSpaceException when the disk has less free than it takes
     */
    public static Report run(Bench bench, Settings settings) throws IOException {
        Map<String, Object> fewer = settings.shape.config(settings.made.blocks, settings.made.experts);
        Files.createDirectories(settings.made.directory);
        Path scratch = Files.createTempDirectory(settings.made.directory, "benchmark-model-");
        try {
            Architecture whole = architecture(settings.shape.config(), scratch.resolve("whole"));
            Architecture made = architecture(fewer, scratch.resolve("model"));
            FreeSpace.requireFree(scratch, need(made, settings), "benchmark model --shape " + settings.shape.name());
            bench.progress().accept("model: writing " + scratch.resolve("model"));
            new RandomModel(fewer).write(scratch.resolve("model"));
            try (ModelDirectory model = ModelDirectory.open(scratch.resolve("model"))) {
                ModelBenchmark benchmark = new ModelBenchmark(bench, settings, model, scratch.resolve("work"));
                benchmark.measure();
                benchmark.extrapolate(whole);
                return new Report(benchmark.setting(whole), benchmark.rows);
            }
        } finally {
            AtomicFile.deleteTree(scratch);
        }
    }

    private static Architecture architecture(Map<String, Object> config, Path directory) throws IOException {
        new RandomModel(config).writeConfig(directory);
        return ConfigReader.read(directory).architecture();
    }

    /** The most that is on the disk at once: the model, what was made of it, and the sums of one block, or an overlay. */
    private static long need(Architecture made, Settings settings) {
        ScratchNeed need = new ScratchNeed(made);
        long sums = made.blocks().stream().mapToLong(need::sums).max().orElse(0);
        long hessian = made.groups().stream().mapToLong(need::hessians).max().orElse(0);
        long overlay = made.blocks().stream()
                .flatMap(block -> block.linears().stream())
                .mapToLong(linear -> linear.shape().weights() * Float.BYTES)
                .sum();
        return new Layout(made).parameters() * DataType.BF16.bytes()
                + need.codes(settings.scheme())
                + need.checkpoint(settings.scheme())
                + need.allHiddenStates(Math.min(TUNING_WINDOWS, settings.windows), settings.length)
                + Math.max(sums + hessian, overlay / made.blocks().size());
    }

    private Map<String, Object> setting(Architecture whole) {
        Map<String, Object> setting = bench.setting();
        setting.put("shape", settings.shape.name());
        setting.put("blocks", settings.made.blocks + " of " + whole.blocks().size());
        setting.put("experts", madeExperts() + " of " + settings.shape.experts());
        setting.put("windows", settings.windows);
        setting.put("length", settings.length);
        setting.put("recipe", settings.config.code().key() + ", " + settings.config.bits() + " bits");
        setting.put("wholeParameters", new Layout(whole).parameters());
        setting.put(
                "wholeScratchBytes",
                new ScratchNeed(whole)
                        .quantization(settings.windows, settings.length, settings.scheme(), TuningMode.BLOCKS));
        return setting;
    }

    private int madeExperts() {
        return settings.made.experts == 0 ? settings.shape.experts() : settings.made.experts;
    }

    private void measure() throws IOException {
        CalibrationWindows windows = windows();
        int blocks = model.config().blocks();
        try (BlockRunner runner = new BlockRunner(backend, model, windows.tokens())) {
            for (int block = 0; block < blocks; block++) {
                tell(block, "calibration");
                add(block, steps.calibrate(runner, block));
                tell(block, "reduction");
                add(block, steps.reduce(block));
                tell(block, "quantization");
                add(block, steps.quantize(block));
            }
        }
        tune(windows);
        Path checkpoint = work.resolve("checkpoint");
        bench.progress().accept("model: assembly");
        StepMeter meter = new StepMeter(backend, work);
        addWhole(meter.measure(Step.ASSEMBLY, _ -> assemble(checkpoint)));
        try (ModelDirectory quantized = ModelDirectory.open(checkpoint)) {
            evaluate(quantized, windows, meter);
        }
        if (settings.endToEnd) {
            bench.progress().accept("model: end-to-end tuning");
            ModelTraining training = new ModelTraining(backend, model, settings.config, work.resolve("end-to-end"));
            addWhole(meter.measure(Step.END_TO_END, _ -> training.run(windows, groups(), Progress.NONE)));
        }
    }

    private void tell(int block, String step) {
        bench.progress().accept("model: block " + block + ", " + step);
    }

    private CalibrationWindows windows() {
        SplittableRandom random = new SplittableRandom(3);
        List<int[]> windows = new ArrayList<>();
        for (int i = 0; i < settings.windows; i++) {
            windows.add(
                    random.ints(settings.length, 0, model.config().vocabulary()).toArray());
        }
        return new CalibrationWindows(settings.length, windows);
    }

    private List<Path> groups() {
        return model.linearGroups().stream().map(steps::codes).toList();
    }

    private void assemble(Path checkpoint) {
        CheckpointAssembler.assemble(model, groups(), settings.scheme(), checkpoint);
    }

    /** Every block, on a few windows. */
    private void tune(CalibrationWindows windows) throws IOException {
        int count = tuningWindows();
        Path states = work.resolve("states");
        bench.progress().accept("model: hidden states for tuning");
        new ActivationCollector(backend, model).collect(windows, 0, count, states, Progress.NONE);
        for (int block = 0; block < model.config().blocks(); block++) {
            tell(block, "tuning");
            Path inputs = ActivationFiles.path(states, block, 0, count);
            Path targets = ActivationFiles.path(states, block + 1, 0, count);
            add(block, steps.tune(block, oneEpoch(), inputs, targets));
        }
        AtomicFile.deleteTree(states);
    }

    private int tuningWindows() {
        return Math.min(TUNING_WINDOWS, settings.windows);
    }

    private TuningConfig preset() {
        return TuningConfig.of(TuningMode.BLOCKS, TuningPreset.STANDARD, model.config());
    }

    private TuningConfig oneEpoch() {
        return preset().with("blocks.epochs", 1);
    }

    private void evaluate(ModelDirectory quantized, CalibrationWindows windows, StepMeter meter) throws IOException {
        try (BlockRunner first = new BlockRunner(backend, model, windows.tokens());
                BlockRunner second = new BlockRunner(backend, quantized, windows.tokens())) {
            for (int block = 0; block < model.config().blocks(); block++) {
                tell(block, "evaluation");
                add(block, steps.evaluate(first, second, block));
            }
        }
        bench.progress().accept("model: comparison");
        TextWindows text = new TextWindows(windows.tokens(), 0);
        addWhole(meter.measure(
                Step.COMPARISON, _ -> Comparison.measure(backend, model, quantized, text, Progress.NONE)));
    }

    private void add(int block, StepFigures step) {
        figures.add(step);
        boolean mixture = Extrapolation.isMixture(model.config().architecture(), block);
        rows.add(step.row("block " + block + (mixture ? ", experts" : "")));
    }

    private void addWhole(StepFigures step) {
        figures.add(step);
        rows.add(step.row("the made model"));
    }

    private void extrapolate(Architecture whole) {
        TuningSchedule schedule = preset().blocks();
        double experts = madeExperts() == 0 ? 1 : (double) settings.shape.experts() / madeExperts();
        double tuning = schedule.epochs() * (double) settings.windows / tuningWindows();
        Extrapolation extrapolation = new Extrapolation(model.config().architecture(), whole, figures, experts, tuning);
        rows.addAll(extrapolation.rows(settings.config));
    }
}
