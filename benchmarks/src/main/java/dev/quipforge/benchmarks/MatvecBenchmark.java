package dev.quipforge.benchmarks;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.PackedMatrix;
import dev.quipforge.engine.compute.Workspace;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a product of one vector with a matrix takes: with a dense one of fp32, on a card with one of fp16 by its vendor's
 * library, and with one of every format that stays packed. The matrices are used in turn, as many as no cache can hold.
 */
public final class MatvecBenchmark {

    private static final List<Shape> ON_CPU = List.of(new Shape(4096, 4096));
    private static final List<Shape> ON_CARD =
            List.of(new Shape(4096, 4096), new Shape(14336, 4096), new Shape(4096, 14336), new Shape(8192, 28672));

    /** Bytes of all matrices that are used in turn. */
    private static final long BEYOND_CACHES_OF_CPU = 64L << 20;

    private static final long BEYOND_CACHES_OF_CARD = 768L << 20;

    private static final int MOST_COPIES = 64;

    private final Bench bench;
    private final ComputeBackend backend;

    private MatvecBenchmark(Bench bench) {
        this.bench = bench;
        this.backend = bench.backend();
    }

    /**
     * Measures products.
     *
     * @param bench where
     * @param codes the formats beside the dense one
     * @param shapes shapes of the matrix; none means what suits the device
     */
    public static Report run(Bench bench, Codes codes, List<Shape> shapes) {
        MatvecBenchmark benchmark = new MatvecBenchmark(bench);
        List<Map<String, Object>> results = new ArrayList<>();
        for (Shape shape : Shape.chosen(shapes, bench.onCard() ? ON_CARD : ON_CPU)) {
            results.add(benchmark.dense(shape));
            benchmark.ofTheVendor(shape).ifPresent(results::add);
            for (Quantizer quantizer : codes.quantizers()) {
                results.add(benchmark.packed(quantizer, shape));
            }
        }
        return new Report(bench.setting(), results);
    }

    private int copies(long bytes) {
        long all = bench.onCard() ? BEYOND_CACHES_OF_CARD : BEYOND_CACHES_OF_CPU;
        return Math.clamp(Math.ceilDiv(all, bytes), 1, MOST_COPIES);
    }

    private Map<String, Object> dense(Shape shape) {
        bench.progress().accept("matvec: dense, " + shape);
        long bytes = shape.size() * Float.BYTES;
        int copies = copies(bytes);
        try (Arena arena = Arena.ofConfined();
                Workspace workspace = backend.workspace()) {
            Matrix all = workspace.matrix(copies * shape.rows(), shape.columns());
            Matrix vector = workspace.copyOf(Bench.gaussian(arena, "matvec", 1, shape.columns(), 1));
            Matrix product = workspace.matrix(1, shape.rows());
            int[] turn = {0};
            double seconds = bench.deviceSeconds(copies, product, () -> {
                int first = turn[0]++ % copies * shape.rows();
                backend.dense().multiplyTransposed(vector, all.rows(first, first + shape.rows()), product);
            });
            return row("dense", Float.SIZE, shape, bytes, seconds);
        }
    }

    /** A matrix of 16-bit floats by the library of the device's vendor, where there is one. */
    private Optional<Map<String, Object>> ofTheVendor(Shape shape) {
        long bytes = shape.size() * Short.BYTES;
        int copies = copies(bytes);
        return bench.baselineSeconds(copies, profiler -> profiler.vectorProduct(shape.rows(), shape.columns(), copies))
                .map(seconds -> row("vendor's fp16", Short.SIZE, shape, bytes, seconds));
    }

    private Map<String, Object> packed(Quantizer quantizer, Shape shape) {
        bench.progress().accept("matvec: " + quantizer.name() + ", " + quantizer.bits() + " bits, " + shape);
        List<PackedMatrix> matrices = new ArrayList<>();
        try (Arena arena = Arena.ofConfined();
                Workspace workspace = backend.workspace()) {
            int copies = copies(shape.size() * quantizer.bits() / Byte.SIZE);
            for (int i = 0; i < copies; i++) {
                matrices.add(quantizer.load(backend.packed(), shape.rows(), shape.columns()));
            }
            Matrix vector = workspace.copyOf(Bench.gaussian(arena, "matvec", 1, shape.columns(), 1));
            Matrix product = workspace.matrix(1, shape.rows());
            int[] turn = {0};
            double seconds = bench.deviceSeconds(
                    copies,
                    product,
                    () -> backend.packed().multiply(matrices.get(turn[0]++ % copies), vector, product));
            return row(
                    quantizer.name(),
                    quantizer.bits(),
                    shape,
                    matrices.getFirst().bytes(),
                    seconds);
        } finally {
            matrices.forEach(PackedMatrix::close);
        }
    }

    private static Map<String, Object> row(String format, int bits, Shape shape, long bytes, double seconds) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("format", format);
        row.put("bits", bits);
        row.put("rows", shape.rows());
        row.put("columns", shape.columns());
        row.put("microseconds", seconds * 1e6);
        row.put("bytesPerSecond", bytes / seconds);
        row.put("weightsPerSecond", shape.size() / seconds);
        return row;
    }
}
