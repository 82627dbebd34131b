package dev.quipforge.benchmarks;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.hadamard.Hadamard;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the Hadamard transform of all rows or all columns of a matrix takes, beside a copy of the matrix, which moves as
 * many bytes, and plain loops over the same vectors on one thread.
 */
public final class HadamardBenchmark {

    private static final List<Shape> ON_CPU =
            List.of(new Shape(1024, 4096), new Shape(1024, 14336), new Shape(1024, 11008));
    private static final List<Shape> ON_CARD = List.of(
            new Shape(4096, 4096),
            new Shape(4096, 14336),
            new Shape(14336, 4096),
            new Shape(4096, 28672),
            new Shape(4096, 11008));

    /** Calls that a card is given together. */
    private static final int CALLS = 10;

    private static final String HALF = "fp16 ";

    /** Vectors that the plain loops are timed on. */
    private static final int PLAIN = 16;

    private final Bench bench;
    private final ComputeBackend backend;

    private HadamardBenchmark(Bench bench) {
        this.bench = bench;
        this.backend = bench.backend();
    }

    /**
     * Measures transforms.
     *
     * @param bench where
     * @param shapes shapes of the matrix; none means what suits the device
     */
    public static Report run(Bench bench, List<Shape> shapes) {
        HadamardBenchmark benchmark = new HadamardBenchmark(bench);
        List<Map<String, Object>> results = new ArrayList<>();
        for (Shape shape : Shape.chosen(shapes, bench.onCard() ? ON_CARD : ON_CPU)) {
            benchmark.measure(shape, results);
        }
        return new Report(bench.setting(), results);
    }

    private void measure(Shape shape, List<Map<String, Object>> results) {
        Hadamard ofRows = Hadamard.fitting(shape.columns());
        Hadamard ofColumns = Hadamard.fitting(shape.rows());
        bench.progress().accept("hadamard: " + shape);
        try (Workspace workspace = backend.workspace()) {
            Matrix matrix = workspace.matrix(shape.rows(), shape.columns());
            Matrix other = workspace.matrix(shape.rows(), shape.columns());
            double copy =
                    bench.deviceSeconds(CALLS, other, () -> backend.dense().copy(matrix, other));
            double rows =
                    bench.deviceSeconds(CALLS, matrix, () -> backend.hadamard().transformRows(ofRows, matrix));
            double columns =
                    bench.deviceSeconds(CALLS, matrix, () -> backend.hadamard().transformColumns(ofColumns, matrix));
            double plainRow = plain(ofRows);
            double plainColumn = plain(ofColumns);
            results.add(row("rows", ofRows, shape, rows, new Yardsticks(copy, plainRow * shape.rows())));
            results.add(row("columns", ofColumns, shape, columns, new Yardsticks(copy, plainColumn * shape.columns())));
            inHalves(ofRows, shape, plainRow * shape.rows()).ifPresent(results::add);
        }
    }

    /** Rows of 16-bit floats, where the backend measures these. */
    private Optional<Map<String, Object>> inHalves(Hadamard transform, Shape shape, double plain) {
        if (transform.blocks() != 1) {
            return Optional.empty();
        }
        Optional<Double> copy = bench.baselineSeconds(CALLS, profiler -> profiler.copy(shape.size() * Short.BYTES));
        return bench.baselineSeconds(CALLS, profiler -> profiler.transformRows(transform, shape.rows()))
                .map(seconds ->
                        row(HALF + "rows", transform, shape, seconds, new Yardsticks(copy.orElse(seconds), plain)));
    }

    private record Yardsticks(double copy, double plain) {}

    /** Seconds that plain loops take for one vector. */
    private double plain(Hadamard transform) {
        Hadamard block = Hadamard.of(transform.size());
        PlainHadamard plain = new PlainHadamard(block);
        float[] vector;
        try (Arena arena = Arena.ofConfined()) {
            vector = Bench.gaussian(arena, "hadamard", 1, block.order(), 1)
                    .data()
                    .toArray(JAVA_FLOAT);
        }
        double seconds = bench.stopwatch()
                .median(
                        () -> {
                            for (int i = 0; i < PLAIN; i++) {
                                plain.transform(vector);
                            }
                        },
                        () -> {});
        return seconds / PLAIN * transform.blocks();
    }

    private static Map<String, Object> row(
            String vectors, Hadamard transform, Shape shape, double seconds, Yardsticks yardsticks) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("transformed", vectors);
        row.put("order", transform.order());
        row.put("outer", transform.outer());
        row.put("blocks", transform.blocks());
        row.put("rows", shape.rows());
        row.put("columns", shape.columns());
        row.put("microseconds", seconds * 1e6);
        int bytes = vectors.startsWith(HALF) ? Short.BYTES : Float.BYTES;
        row.put("bytesPerSecond", 2.0 * shape.size() * bytes / seconds);
        row.put("copyMicroseconds", yardsticks.copy * 1e6);
        row.put("shareOfCopy", yardsticks.copy / seconds);
        row.put("plainMicroseconds", yardsticks.plain * 1e6);
        return row;
    }
}
