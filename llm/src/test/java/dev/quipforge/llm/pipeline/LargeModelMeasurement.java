package dev.quipforge.llm.pipeline;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.calibration.HessianCollector;
import dev.quipforge.llm.calibration.HessianFiles;
import dev.quipforge.llm.calibration.HessianReducer;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.model.Input;
import dev.quipforge.llm.model.LinearGroup;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.quantization.GroupQuantizer;
import dev.quipforge.llm.quantization.GroupReport;
import dev.quipforge.llm.quantization.QuantizedGroup;
import dev.quipforge.llm.safetensors.SafetensorsWriter;
import dev.quipforge.llm.safetensors.Tensors;
import dev.quipforge.llm.testing.LargeModels;
import dev.quipforge.llm.transformer.BlockRunner;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * How long a model of Llama-3-8B's shape with random weights takes, part by part: {@code LargeModelMeasurement DIR DEVICE CODE
 * BITS BLOCKS WINDOWS CONTEXT}. The model is made in DIR unless it is there. Calibration keeps every Hessian on the host, one
 * block's at a time, as sums of shards; those of the last block are then used for every block.
 */
public final class LargeModelMeasurement {

    private final ComputeBackend backend;
    private final ModelDirectory model;
    private final Path work;

    private LargeModelMeasurement(ComputeBackend backend, ModelDirectory model, Path work) {
        this.backend = backend;
        this.model = model;
        this.work = work;
    }

    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        int blocks = Integer.parseInt(arguments[4]);
        long start = System.nanoTime();
        if (Files.notExists(directory.resolve("config.json"))) {
            LargeModels.writeLlama8b(directory, blocks);
        }
        say("made the model", start);
        try (ModelDirectory model = ModelDirectory.open(directory);
                ComputeBackend backend = ComputeBackends.named(arguments[1])) {
            System.out.println(backend.description());
            LargeModelMeasurement measurement = new LargeModelMeasurement(backend, model, directory.resolve("work"));
            measurement.calibrate(Integer.parseInt(arguments[5]), Integer.parseInt(arguments[6]));
            QuantizationConfig settings =
                    QuantizationConfig.of("qtip", arguments[2], Integer.parseInt(arguments[3]), 0);
            measurement.quantizeOne(settings);
            measurement.quantize(settings);
        }
    }

    private static void say(String what, long start) {
        System.out.printf("%-60s %8.2f s%n", what, (System.nanoTime() - start) / 1e9);
    }

    /** All blocks, with the sums of every shard brought to the host. */
    private void calibrate(int count, int context) throws IOException {
        SplittableRandom random = new SplittableRandom(3);
        List<int[]> windows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            windows.add(
                    random.ints(context, 0, model.config().sizes().vocabulary()).toArray());
        }
        int blocks = model.config().sizes().blocks();
        long start = System.nanoTime();
        List<Path> shards = new ArrayList<>();
        for (int from = 0; from < count; from += HessianCollector.SHARD_WINDOWS) {
            List<int[]> part = windows.subList(from, Math.min(count, from + HessianCollector.SHARD_WINDOWS));
            try (BlockRunner runner = new BlockRunner(backend, model, part)) {
                for (int block = 0; block < blocks; block++) {
                    boolean last = block == blocks - 1;
                    Path shard = work.resolve("shard-" + from);
                    collect(runner, block, last ? shard : null);
                    if (last) {
                        shards.add(shard);
                    }
                }
            }
            say("calibrated %d windows of %d".formatted(from + part.size(), context), start);
        }
        start = System.nanoTime();
        for (Input input : Input.values()) {
            Path hessian = hessian(input);
            HessianReducer.reduce(
                    shards.stream()
                            .map(shard -> HessianFiles.path(shard, 0, input))
                            .toList(),
                    hessian);
        }
        say("reduced the Hessians of one block", start);
    }

    private Path hessian(Input input) {
        return HessianFiles.path(work.resolve("hessians"), 0, input);
    }

    private void collect(BlockRunner runner, int block, @Nullable Path shard) {
        try (Workspace workspace = backend.workspace();
                Arena arena = Arena.ofConfined()) {
            Map<Input, Matrix> sums = new EnumMap<>(Input.class);
            for (Input input : Input.values()) {
                int width = input.width(model.config());
                sums.put(input, workspace.matrix(width, width));
            }
            runner.run(
                    block,
                    (input, activation) ->
                            backend.dense().addActivationGram(activation, Objects.requireNonNull(sums.get(input))),
                    Progress.NONE);
            for (Map.Entry<Input, Matrix> entry : sums.entrySet()) {
                Matrix sum = entry.getValue();
                HostMatrix host = HostMatrix.allocate(arena, sum.rows(), sum.columns());
                backend.download(sum, host);
                if (shard != null) {
                    SafetensorsWriter.write(
                            HessianFiles.path(shard, 0, entry.getKey()),
                            Map.of("tokens", Long.toString(runner.tokens())),
                            List.of(Tensors.ofMatrix(HessianFiles.SUM, host)));
                }
            }
        }
    }

    /** One linear of 14336 x 4096, twice: the second time nothing is new. */
    private void quantizeOne(QuantizationConfig settings) {
        LinearGroup all = LinearGroup.of(0, Input.MLP_IN);
        LinearGroup one = new LinearGroup(0, Input.MLP_IN, all.linears().subList(0, 1));
        for (int round = 0; round < 3; round++) {
            long start = System.nanoTime();
            QuantizedGroup group =
                    new GroupQuantizer(backend, settings).quantize(model, one, hessian(Input.MLP_IN), Progress.NONE);
            say(
                    "%s: one linear, encoder %.2f s, loss %.4f"
                            .formatted(
                                    settings.code() + ", " + settings.bits() + " bits",
                                    group.report().encodeSeconds(),
                                    group.report().linears().getFirst().proxyLoss()),
                    start);
        }
    }

    private void quantize(QuantizationConfig settings) {
        GroupQuantizer quantizer = new GroupQuantizer(backend, settings);
        long start = System.nanoTime();
        double encoder = 0;
        int linears = 0;
        long weights = 0;
        for (LinearGroup group : model.linearGroups()) {
            QuantizedGroup quantized = quantizer.quantize(model, group, hessian(group.input()), Progress.NONE);
            quantized.write(HessianFiles.path(work.resolve("groups"), group.block(), group.input()));
            GroupReport report = quantized.report();
            encoder += report.encodeSeconds();
            linears += report.linears().size();
            weights += report.weights();
            if (group.block() == 0) {
                say("block 0, " + group.input().key(), start);
            }
        }
        say(
                "%s: %d linears, %.2f G weights, encoder %.1f s"
                        .formatted(settings.code() + ", " + settings.bits() + " bits", linears, weights / 1e9, encoder),
                start);
        System.out.println("peak on the device: " + (backend.peakBytes() >> 20) + " MiB");
    }
}
