package dev.quipforge.benchmarks;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.architecture.InputSpec;
import dev.quipforge.llm.architecture.LinearGroup;
import dev.quipforge.llm.calibration.CalibrationWindows;
import dev.quipforge.llm.calibration.HessianCollector;
import dev.quipforge.llm.calibration.HessianFiles;
import dev.quipforge.llm.calibration.HessianReducer;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.config.QuantizationNames;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.quantization.GroupQuantizer;
import dev.quipforge.llm.quantization.GroupReport;
import dev.quipforge.llm.quantization.QuantizedGroup;
import dev.quipforge.llm.tuning.TuningReport;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * What a whole model takes: calibration, one large linear, all linears, and steps of end-to-end tuning. The model has random
 * weights, its shape is that of Llama-3-8B on a card and that of the demo model on the CPU. Every Hessian is brought to the
 * host, those of the last block are kept and serve for the quantization of all.
 */
public final class ModelBenchmark {

    private static final double NANO = 1e-9;

    /** Times that one linear is quantized; the median counts. */
    private static final int ROUNDS = 3;

    /**
     * What is measured.
     *
     * @param directory where the model is, or is to be made; results go below it
     * @param blocks blocks of the model
     * @param windows windows of the calibration
     * @param context tokens of a window
     * @param code of QTIP
     * @param bits per weight
     */
    public record Settings(Path directory, int blocks, int windows, int context, String code, int bits) {}

    private final Bench bench;
    private final ComputeBackend backend;
    private final Settings settings;
    private final ModelDirectory model;
    private final List<Map<String, Object>> results = new ArrayList<>();

    private ModelBenchmark(Bench bench, Settings settings, ModelDirectory model) {
        this.bench = bench;
        this.backend = bench.backend();
        this.settings = settings;
        this.model = model;
    }

    /**
     * Measures a model.
     *
     * @param bench where
     * @param settings what
     * @throws IOException when the model cannot be written
     */
    public static Report run(Bench bench, Settings settings) throws IOException {
        RandomModel random = bench.onCard()
                ? new RandomModel(BlockShape.LLAMA_3_8B, settings.blocks, 128_256)
                : new RandomModel(BlockShape.DEMO, settings.blocks, 4096);
        Path directory = settings.directory.resolve(
                "random-%d-%d".formatted(random.shape().hidden(), settings.blocks));
        if (Files.notExists(directory.resolve("model.safetensors.index.json"))) {
            bench.progress().accept("model: writing " + directory);
            random.write(directory);
        }
        Map<String, Object> setting = bench.setting();
        setting.put("block", random.shape().toString());
        setting.put("blocks", settings.blocks);
        setting.put("windows", settings.windows);
        setting.put("context", settings.context);
        setting.put("code", settings.code);
        setting.put("bits", settings.bits);
        try (ModelDirectory model = ModelDirectory.open(directory)) {
            ModelBenchmark benchmark = new ModelBenchmark(bench, settings, model);
            CalibrationWindows windows = benchmark.windows();
            benchmark.calibrate(windows);
            benchmark.quantizeOne();
            benchmark.tune(windows, benchmark.quantizeAll());
            return new Report(setting, benchmark.results);
        }
    }

    private Path work() {
        return settings.directory.resolve("work");
    }

    /** Of the last block, which serves for all. */
    private Path hessian(String group) {
        return HessianFiles.path(work().resolve("hessians"), 0, group);
    }

    private List<LinearGroup> groupsOfABlock() {
        return model.config().architecture().blocks().getLast().groups();
    }

    private CalibrationWindows windows() {
        SplittableRandom random = new SplittableRandom(3);
        List<int[]> windows = new ArrayList<>();
        for (int i = 0; i < settings.windows; i++) {
            windows.add(random.ints(settings.context, 0, model.config().vocabulary())
                    .toArray());
        }
        return new CalibrationWindows(settings.context, windows);
    }

    private void calibrate(CalibrationWindows windows) {
        long start = System.nanoTime();
        List<Path> shards = new ArrayList<>();
        for (int from = 0; from < windows.samples(); from += HessianCollector.SHARD_WINDOWS) {
            int end = Math.min(windows.samples(), from + HessianCollector.SHARD_WINDOWS);
            bench.progress().accept("model: calibration, windows " + from + " to " + end);
            Path shard = work().resolve("shard-" + from);
            collect(windows.range(from, end), shard);
            shards.add(shard);
        }
        add("calibration", (System.nanoTime() - start) * NANO, Optional.empty(), Optional.empty());
        for (LinearGroup group : groupsOfABlock()) {
            HessianReducer.reduce(
                    shards.stream()
                            .map(shard -> HessianFiles.path(shard, 0, group.key()))
                            .toList(),
                    List.of(),
                    hessian(group.key()));
        }
    }

    private void collect(CalibrationWindows windows, Path shard) {
        HessianCollector collector = new HessianCollector(backend, model);
        int last = model.config().blocks() - 1;
        HessianCollector.Sink sink = (block, group, sums) -> {
            if (block == last) {
                collector.write(sums, HessianFiles.path(shard, 0, group));
            } else {
                sums.forEach(sum -> bringToHost(sum.matrix()));
            }
        };
        collector.collect(windows, sink, Progress.NONE);
    }

    private void bringToHost(Matrix sum) {
        try (Arena arena = Arena.ofConfined()) {
            backend.download(sum, HostMatrix.allocate(arena, sum.rows(), sum.columns()));
        }
    }

    private QuantizationConfig recipe() {
        return QuantizationConfig.of(QuantizationNames.code(settings.code), settings.bits, 0);
    }

    /** The gate of the MLP alone. */
    private void quantizeOne() {
        bench.progress().accept("model: one linear");
        LinearGroup all = model.layout().group(0, "mlp-in");
        InputSpec input = all.inputs().getFirst();
        InputSpec gate =
                new InputSpec(input.key(), input.width(), input.linears().subList(0, 1));
        LinearGroup one = new LinearGroup(0, all.key(), List.of(gate));
        double[] seconds = new double[ROUNDS];
        double[] encoder = new double[ROUNDS];
        long weights = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            GroupReport report = new GroupQuantizer(backend, recipe())
                    .quantize(model, one, hessian(all.key()), Progress.NONE)
                    .report();
            seconds[round] = (System.nanoTime() - start) * NANO;
            encoder[round] = report.encodeSeconds();
            weights = report.weights();
        }
        Arrays.sort(seconds);
        Arrays.sort(encoder);
        add("one linear", seconds[ROUNDS / 2], Optional.of(encoder[ROUNDS / 2]), Optional.of(weights));
    }

    private List<Path> quantizeAll() {
        List<Path> files = new ArrayList<>();
        GroupQuantizer quantizer = new GroupQuantizer(backend, recipe());
        long start = System.nanoTime();
        double encoder = 0;
        int linears = 0;
        long weights = 0;
        for (LinearGroup group : model.linearGroups()) {
            bench.progress().accept("model: " + group.path());
            QuantizedGroup quantized = quantizer.quantize(model, group, hessian(group.key()), Progress.NONE);
            Path file = HessianFiles.path(work().resolve("groups"), group);
            quantized.write(file);
            files.add(file);
            encoder += quantized.report().encodeSeconds();
            linears += quantized.report().linears().size();
            weights += quantized.report().weights();
        }
        double seconds = (System.nanoTime() - start) * NANO;
        add(linears + " linears", seconds, Optional.of(encoder), Optional.of(weights));
        return files;
    }

    private void tune(CalibrationWindows windows, List<Path> groups) {
        bench.progress().accept("model: end-to-end tuning");
        TuningReport report = new ModelTraining(backend, model, recipe(), work()).run(windows, groups, Progress.NONE);
        String part =
                "end-to-end tuning, " + report.trainingWindows() + " + " + report.validationWindows() + " windows";
        add(part, report.seconds(), Optional.empty(), Optional.empty());
    }

    private void add(String part, double seconds, Optional<Double> encoder, Optional<Long> weights) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("part", part);
        row.put("seconds", seconds);
        row.put("encoderSeconds", encoder);
        row.put("weights", weights);
        row.put("peakBytes", backend.peakBytes());
        results.add(row);
    }
}
