package dev.quipforge.benchmarks;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.packing.PackedTiles;
import dev.quipforge.engine.rounding.BlockLdlq;
import dev.quipforge.engine.rounding.BlockRounder;
import dev.quipforge.engine.rounding.HessianDamping;
import dev.quipforge.engine.rounding.Parts;
import dev.quipforge.engine.trellis.TailBiting;
import dev.quipforge.engine.trellis.Trellis;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What it takes to round the linears of many experts, each with its own Hessian, beside one matrix of as many weights with one
 * Hessian: the factors and all of the rounding with a trellis code.
 */
final class ExpertsBenchmark {

    private static final int BLOCK = PackedTiles.SIDE;
    private static final int TILE = BLOCK * BLOCK;

    private final ComputeBackend backend;
    private final int count;
    private final Shape shape;
    private final Trellis trellis;
    private final Matrix drawn;
    private final Matrix weights;
    private final Matrix rounded;
    private final IntMatrix states;
    private final List<Matrix> hessians;
    private final List<Matrix> lowers;

    /**
     * @param backend what is measured
     * @param workspace owner of all matrices
     * @param count how many experts
     * @param shape of the weights of one, multiples of 16
     * @param trellis what is rounded to
     */
    private ExpertsBenchmark(ComputeBackend backend, Workspace workspace, int count, Shape shape, Trellis trellis) {
        int rows = Math.multiplyExact(count, shape.rows());
        int order = shape.columns();
        this.backend = backend;
        this.count = count;
        this.shape = shape;
        this.trellis = trellis;
        this.drawn = workspace.matrix(rows, order);
        this.weights = workspace.matrix(rows, order);
        this.rounded = workspace.matrix(rows, order);
        this.states = workspace.integers(rows / BLOCK, trellis.steps(TILE));
        this.hessians = Parts.of(workspace.matrix(Math.multiplyExact(count, order), order), count);
        this.lowers = Parts.of(workspace.matrix(Math.multiplyExact(count, order), order), count);
        fill();
    }

    /**
     * What was measured.
     *
     * @param count how many experts
     * @param shape of the weights of one
     * @param factors seconds of the factors of all experts
     * @param experts seconds of the factors and the rounding of all experts
     * @param one seconds of the same for one matrix of as many weights
     */
    record Measured(int count, Shape shape, double factors, double experts, double one) {

        /** The rate of the experts as a part of that of one matrix. */
        double share() {
            return one / experts;
        }

        /** The rows of the report. */
        List<Map<String, Object>> rows() {
            double order = shape.columns();
            double factor = order * order * order / 3;
            double feedback = count * shape.size() * order;
            Shape together = new Shape(Math.multiplyExact(count, shape.rows()), shape.columns());
            List<Map<String, Object>> rows = List.of(
                    LdlqBenchmark.row("expertFactors", count, shape, factors, count * factor),
                    LdlqBenchmark.row("experts", count, shape, experts, count * factor + feedback),
                    LdlqBenchmark.row("oneMatrix", 1, together, one, factor + feedback));
            for (Map<String, Object> row : rows) {
                row.put("productFlopsPerSecond", Optional.empty());
                row.put("plainMicroseconds", Optional.empty());
            }
            return rows;
        }
    }

    /** Measures {@code count} experts whose weights have the shape {@code shape}, rounded to {@code trellis}. */
    static Measured measure(Bench bench, int count, Shape shape, Trellis trellis) {
        try (Workspace workspace = bench.backend().workspace()) {
            ExpertsBenchmark experts = new ExpertsBenchmark(bench.backend(), workspace, count, shape, trellis);
            double factors = bench.seconds(experts.lowers.getLast(), () -> experts.factor(count));
            double all = bench.seconds(experts.rounded, () -> experts.round(count));
            double one = bench.seconds(experts.rounded, () -> experts.round(1));
            return new Measured(count, shape, factors, all, one);
        }
    }

    /** Weights that all experts have in common, and Hessians that differ in their diagonals. */
    private void fill() {
        int order = shape.columns();
        try (Arena arena = Arena.ofConfined();
                Workspace temporary = backend.workspace()) {
            Matrix own = temporary.copyOf(Bench.gaussian(arena, "ldlq/weights", shape.rows(), order, 1));
            Parts.of(drawn, count).forEach(part -> backend.dense().copy(own, part));
            Matrix activations = temporary.copyOf(Bench.gaussian(arena, "ldlq/activations", order, order, 1));
            Matrix hessian = temporary.matrix(order, order);
            backend.dense().addGram(activations, hessian);
            HessianDamping.regularize(backend.dense(), hessian, 1);
            for (int part = 0; part < count; part++) {
                backend.dense().copy(hessian, hessians.get(part));
                backend.dense().addToDiagonal(hessians.get(part), part);
            }
        }
    }

    /** The factors of the first {@code parts} Hessians. */
    private void factor(int parts) {
        HessianDamping.factor(backend, hessians.subList(0, parts), lowers.subList(0, parts), BLOCK);
    }

    /** All weights, as {@code parts} parts. */
    private void round(int parts) {
        int tiles = weights.rows() / BLOCK;
        BlockRounder encoder = (_, target, result) -> backend.trellis()
                .encode(trellis, TailBiting.SEAM, target.reshape(tiles, TILE), states, result.reshape(tiles, TILE));
        backend.dense().copy(drawn, weights);
        factor(parts);
        new BlockLdlq(backend, lowers.subList(0, parts), BLOCK).round(weights, encoder, rounded);
    }
}
