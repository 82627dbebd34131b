package dev.quipforge.benchmarks;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one decoder block takes forward, and what a step of training takes that changes all its weights: forward, back and
 * Adam. Beside it what plain products of the shapes of its linears take, three times as many for a step of training.
 */
public final class BlockBenchmark {

    /** Windows of a batch and tokens of a window. */
    private record Batch(BlockShape shape, int windows, int length) {}

    private static final List<Batch> ON_CPU = List.of(new Batch(BlockShape.DEMO, 1, 256));
    private static final List<Batch> ON_CARD = List.of(
            new Batch(BlockShape.DEMO, 8, 512),
            new Batch(BlockShape.LLAMA_3_8B, 4, 2048),
            new Batch(BlockShape.LLAMA_3_8B, 8, 2048));

    private final Bench bench;
    private final ComputeBackend backend;
    private final List<Map<String, Object>> results = new ArrayList<>();

    private BlockBenchmark(Bench bench) {
        this.bench = bench;
        this.backend = bench.backend();
    }

    /**
     * Measures blocks.
     *
     * @param bench where
     */
    public static Report run(Bench bench) {
        BlockBenchmark benchmark = new BlockBenchmark(bench);
        for (Batch batch : bench.onCard() ? ON_CARD : ON_CPU) {
            benchmark.measure(batch);
        }
        return new Report(bench.setting(), benchmark.results);
    }

    private void measure(Batch batch) {
        bench.progress().accept("block: " + batch.shape + ", " + batch.windows + " windows of " + batch.length);
        double products = products(batch);
        try (Workspace workspace = backend.workspace()) {
            SyntheticBlock block = new SyntheticBlock(backend, workspace, batch.shape, batch.windows, batch.length);
            double forward = bench.seconds(block.output(), block::forward);
            results.add(row("forward", batch, forward, 1, products));
            double step = bench.seconds(block.trained(), () -> {
                block.forward();
                block.backward();
                block.update();
            });
            results.add(row("training step", batch, step, 3, products));
        }
    }

    /** Seconds of plain products of the shapes of the linears. */
    private double products(Batch batch) {
        int tokens = batch.windows * batch.length;
        double seconds = 0;
        for (Shape linear : batch.shape.linears()) {
            seconds += bench.baselineSeconds(
                            5,
                            profiler -> profiler.product(
                                    /* rows= */ tokens, /* columns= */ linear.rows(), /* depth= */ linear.columns()))
                    .orElseGet(() -> product(tokens, linear));
        }
        return seconds;
    }

    /** Of one of them, on a backend whose vendor has no library of products. */
    private double product(int tokens, Shape linear) {
        try (Workspace workspace = backend.workspace()) {
            Matrix input = workspace.matrix(tokens, linear.columns());
            Matrix weight = workspace.matrix(linear.rows(), linear.columns());
            Matrix output = workspace.matrix(tokens, linear.rows());
            return bench.seconds(output, () -> backend.dense().multiplyTransposed(input, weight, output));
        }
    }

    private static Map<String, Object> row(String what, Batch batch, double seconds, int passes, double products) {
        double weights = batch.shape.linears().stream().mapToLong(Shape::size).sum();
        double flops = 2.0 * passes * batch.windows * batch.length * weights;
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("what", what);
        row.put("block", batch.shape.toString());
        row.put("windows", batch.windows);
        row.put("length", batch.length);
        row.put("milliseconds", seconds * 1e3);
        row.put("flopsPerSecond", flops / seconds);
        row.put("productFlopsPerSecond", flops / (passes * products));
        row.put("shareOfProducts", passes * products / seconds);
        return row;
    }
}
