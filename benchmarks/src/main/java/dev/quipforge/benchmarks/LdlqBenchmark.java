package dev.quipforge.benchmarks;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.rounding.BlockLdlq;
import dev.quipforge.engine.rounding.BlockRounder;
import dev.quipforge.engine.rounding.HessianDamping;
import dev.quipforge.engine.trellis.TailBiting;
import dev.quipforge.engine.trellis.Trellis;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What rounding with feedback takes, step by step: a Gram matrix, that of activations, the Cholesky factor, the block factor,
 * the feedback alone, and all of the rounding with a trellis code. Beside each its rate of arithmetic and that of the
 * backend's own product of the same shape; on the CPU also what plain loops on one thread take. Then, unless shapes were asked
 * for, what the linears of many experts take together beside one matrix of as many weights.
 */
public final class LdlqBenchmark {

    private static final List<Shape> ON_CPU = List.of(new Shape(512, 1024));
    private static final List<Shape> ON_CARD = List.of(new Shape(4096, 4096), new Shape(14336, 4096));

    /** Gate or up, and down, of an expert of Qwen3-30B-A3B. */
    private static final List<Shape> EXPERTS_ON_CARD = List.of(new Shape(768, 2048), new Shape(2048, 768));

    private static final List<Shape> EXPERTS_ON_CPU = List.of(new Shape(64, 128));
    private static final int MANY_EXPERTS = 128;
    private static final int FEW_EXPERTS = 4;

    /** Columns that are rounded together: those of a tile. */
    private static final int BLOCK = 16;

    private static final Trellis CODE = Trellis.of("3inst", Codes.USUAL_STATE_BITS, 2);

    /** Calls that a card is given together. */
    private static final int CALLS = 5;

    private static final int TILE = BLOCK * BLOCK;

    /** The plain loops are left out where they take more arithmetic than this. */
    private static final double MOST_FOR_PLAIN = 4e9;

    private final Bench bench;
    private final ComputeBackend backend;
    private final Shape shape;
    private final List<Map<String, Object>> results = new ArrayList<>();
    private double productRate;

    private LdlqBenchmark(Bench bench, Shape shape) {
        if (shape.rows() % BLOCK != 0 || shape.columns() % BLOCK != 0) {
            throw new IllegalArgumentException("shape: " + shape + " (expected: multiples of " + BLOCK + ")");
        }
        this.bench = bench;
        this.backend = bench.backend();
        this.shape = shape;
    }

    /**
     * Measures the steps.
     *
     * @param bench where
     * @param shapes shapes of the weights, multiples of 16; none means what suits the device, and experts too
     */
    public static Report run(Bench bench, List<Shape> shapes) {
        List<Map<String, Object>> results = new ArrayList<>();
        for (Shape shape : Shape.chosen(shapes, bench.onCard() ? ON_CARD : ON_CPU)) {
            LdlqBenchmark benchmark = new LdlqBenchmark(bench, shape);
            bench.progress().accept("ldlq: " + shape);
            try (Arena arena = Arena.ofConfined();
                    Workspace workspace = bench.backend().workspace()) {
                benchmark.measure(arena, workspace);
            }
            results.addAll(benchmark.results);
        }
        Map<String, Object> shares = shapes.isEmpty() ? measureExperts(bench, results) : Map.of();
        Map<String, Object> setting = bench.setting();
        setting.put("block", BLOCK);
        setting.put("code", "3inst, 2 bits, L = 16");
        return new Report(setting, results, shares);
    }

    /** Adds the rows of experts; returns for every shape the rate of their weights as a part of that of one matrix. */
    private static Map<String, Object> measureExperts(Bench bench, List<Map<String, Object>> results) {
        int count = bench.onCard() ? MANY_EXPERTS : FEW_EXPERTS;
        Map<String, Object> shares = new LinkedHashMap<>();
        for (Shape shape : bench.onCard() ? EXPERTS_ON_CARD : EXPERTS_ON_CPU) {
            bench.progress().accept("ldlq: " + count + " experts of " + shape);
            ExpertsBenchmark.Measured measured = ExpertsBenchmark.measure(bench, count, shape, CODE);
            results.addAll(measured.rows());
            shares.put(count + " experts of " + shape + ", rate by that of one matrix", measured.share());
        }
        return shares;
    }

    private void measure(Arena arena, Workspace workspace) {
        int columns = shape.columns();
        double order = columns;
        Matrix weights = workspace.copyOf(Bench.gaussian(arena, "ldlq/weights", shape.rows(), columns, 1));
        Matrix rounded = workspace.matrix(shape.rows(), columns);
        Matrix hessian = workspace.matrix(columns, columns);
        Matrix lower = workspace.matrix(columns, columns);
        Matrix activations = workspace.copyOf(Bench.gaussian(arena, "ldlq/activations", columns, columns, 1));
        double product = bench.seconds(rounded, () -> backend.dense().multiply(weights, hessian, rounded));
        productRate = 2 * shape.size() * order / product;

        double gram = bench.seconds(lower, () -> backend.dense().addGram(activations, lower));
        add("gram", gram, 2 * order * order * order, Optional.empty());
        measureActivations(activations, lower);
        backend.dense().addGram(activations, hessian);
        HessianDamping.regularize(backend.dense(), hessian, 1);
        measureFactors(arena, workspace, hessian, lower);
        measureRounding(arena, weights, lower, rounded);
    }

    /** What calibration takes, which may round; its yardstick is a product in bf16 where the vendor has one. */
    private void measureActivations(Matrix activations, Matrix gram) {
        double order = shape.columns();
        double flops = 2 * order * order * order;
        double seconds = bench.deviceSeconds(CALLS, gram, () -> backend.dense().addActivationGram(activations, gram));
        Optional<Double> product = bench.baselineSeconds(
                CALLS, profiler -> profiler.product(shape.columns(), shape.columns(), shape.columns()));
        add("activationGram", seconds, flops, product.map(of -> flops / of).orElse(productRate), Optional.empty());
    }

    private void measureFactors(Arena arena, Workspace workspace, Matrix hessian, Matrix lower) {
        double order = shape.columns();
        double copy = bench.seconds(lower, () -> backend.dense().copy(hessian, lower));
        double cholesky = bench.seconds(lower, () -> {
            backend.dense().copy(hessian, lower);
            backend.factor().cholesky(lower);
        });
        Optional<Double> plain = plain(order * order * order / 3, () -> {
            float[][] host = host(arena, hessian);
            return bench.stopwatch().median(() -> PlainLdlq.factor(copies(host)), () -> {});
        });
        add("cholesky", Math.max(cholesky - copy, 0), order * order * order / 3, plain);
        Matrix factor = workspace.matrix(shape.columns(), shape.columns());
        backend.dense().copy(lower, factor);
        double unit = bench.seconds(lower, () -> {
            backend.dense().copy(factor, lower);
            backend.factor().blockUnitLower(lower, BLOCK);
        });
        add("blockUnitLower", Math.max(unit - copy, 0), order * order * BLOCK, Optional.empty());
    }

    private void measureRounding(Arena arena, Matrix weights, Matrix lower, Matrix rounded) {
        double flops = (double) shape.size() * shape.columns();
        BlockLdlq ldlq = new BlockLdlq(backend, lower, BLOCK);
        float[][] errors = host(arena, weights);
        float[][] feedback = transposed(host(arena, lower));
        Optional<Double> plain = plain(
                flops, () -> bench.stopwatch().median(() -> PlainLdlq.round(errors, feedback, Math::rint), () -> {}));
        BlockRounder nothing = (_, target, result) -> backend.dense().copy(target, result);
        add("feedback", bench.seconds(rounded, () -> ldlq.round(weights, nothing, rounded)), flops, plain);

        try (Workspace workspace = backend.workspace()) {
            int tiles = shape.rows() / BLOCK;
            IntMatrix states = workspace.integers(tiles, TILE);
            Matrix drawn = workspace.copyOf(Bench.gaussian(arena, "ldlq/weights", shape.rows(), shape.columns(), 1));
            BlockRounder encoder = (_, target, result) -> backend.trellis()
                    .encode(CODE, TailBiting.SEAM, target.reshape(tiles, TILE), states, result.reshape(tiles, TILE));
            double all = bench.seconds(rounded, () -> {
                backend.dense().copy(drawn, weights);
                ldlq.round(weights, encoder, rounded);
            });
            add("rounding", all, flops, Optional.empty());
        }
    }

    private interface Measured {
        double seconds();
    }

    /** What plain loops take, where that does not take too long. */
    private Optional<Double> plain(double multiplications, Measured loops) {
        return bench.onCard() || multiplications > MOST_FOR_PLAIN
                ? Optional.empty()
                : Optional.of(loops.seconds() * 1e6);
    }

    private void add(String step, double seconds, double flops, Optional<Double> plain) {
        add(step, seconds, flops, productRate, plain);
    }

    private void add(String step, double seconds, double flops, double productFlops, Optional<Double> plain) {
        Map<String, Object> row = row(step, 1, shape, seconds, flops);
        row.put("productFlopsPerSecond", productFlops);
        row.put("plainMicroseconds", plain);
        results.add(row);
    }

    /**
     * The columns of a row that are there for every step.
     *
     * @param step which
     * @param matrices how many it is done for
     * @param shape of the weights of one
     * @param seconds what it takes for all
     * @param flops likewise
     */
    static Map<String, Object> row(String step, int matrices, Shape shape, double seconds, double flops) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("step", step);
        row.put("matrices", matrices);
        row.put("rows", shape.rows());
        row.put("columns", shape.columns());
        row.put("microseconds", seconds * 1e6);
        row.put("weightsPerSecond", matrices * shape.size() / seconds);
        row.put("flopsPerSecond", flops / seconds);
        return row;
    }

    private float[][] host(Arena arena, Matrix matrix) {
        HostMatrix host = HostMatrix.allocate(arena, matrix.rows(), matrix.columns());
        backend.download(matrix, host);
        float[][] rows = new float[matrix.rows()][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = host.row(i).toArray(JAVA_FLOAT);
        }
        return rows;
    }

    private static float[][] copies(float[][] matrix) {
        float[][] copies = new float[matrix.length][];
        for (int i = 0; i < copies.length; i++) {
            copies[i] = matrix[i].clone();
        }
        return copies;
    }

    private static float[][] transposed(float[][] square) {
        float[][] transposed = new float[square.length][square.length];
        for (int i = 0; i < square.length; i++) {
            for (int j = 0; j < square.length; j++) {
                transposed[j][i] = square[i][j];
            }
        }
        return transposed;
    }
}
