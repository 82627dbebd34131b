package dev.quipforge.engine.rounding;

import dev.quipforge.engine.codebook.ScalarGrid;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.Workspace;
import java.lang.foreign.Arena;
import java.util.Comparator;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Rounds a matrix to a scalar grid by each {@link RoundingMethod} (QuIP, sections 3 and 6). */
public final class GridRounding {

    /** Greedy passes of {@link RoundingMethod#LDLQ_RG}, as in the paper's program. */
    private static final int PASSES = 10;

    /** Columns that are rounded at a time where no column waits for another. */
    private static final int STRIP = 128;

    /**
     * What came out.
     *
     * @param codes the codes, [m × n]
     * @param damping what had to be added to the diagonal of H, as a part of its mean; see {@link HessianDamping#factor}
     */
    public record Rounded(CodeMatrix codes, double damping) {}

    private final ComputeBackend backend;
    private final ScalarGrid grid;
    private final Matrix hessian;
    private final RandomGenerator random;

    /**
     * @param backend where all matrices live
     * @param grid what to round to
     * @param hessian H, symmetric positive definite [n × n]
     * @param random for stochastic rounding
     */
    public GridRounding(ComputeBackend backend, ScalarGrid grid, Matrix hessian, RandomGenerator random) {
        Shapes.requireSquare("hessian", hessian);
        this.backend = backend;
        this.grid = grid;
        this.hessian = hessian;
        this.random = random;
    }

    /**
     * Rounds.
     *
     * @param method how
     * @param weights W, [m × n], in units of the grid; becomes the errors W − Ŵ
     * @param rounded receives Ŵ, same shape
     * @return the codes, and what damping it took
     */
    public Rounded round(RoundingMethod method, Matrix weights, Matrix rounded) {
        Shapes.require("weights", weights, weights.rows(), hessian.rows());
        Shapes.requireSame("rounded", rounded, weights);
        return switch (method) {
            case NEAREST -> atOnce(weights, rounded, false);
            case STOCHASTIC -> atOnce(weights, rounded, true);
            case GREEDY -> greedy(weights, rounded);
            case LDLQ -> ldlq(hessian, weights, rounded);
            case LDLQ_RG -> reordered(weights, rounded);
        };
    }

    /** Every column for itself. */
    private Rounded atOnce(Matrix weights, Matrix rounded, boolean stochastic) {
        CodebookRounder rounder = rounder(weights);
        int columns = weights.columns();
        for (int first = 0; first < columns; first += STRIP) {
            int end = Math.min(columns, first + STRIP);
            try (Workspace workspace = backend.workspace()) {
                Matrix part = workspace.matrix(weights.rows(), end - first);
                backend.dense().copy(weights.columns(first, end), part);
                if (stochastic) {
                    moveToNeighbours(part);
                }
                rounder.round(first, part, part);
                backend.dense().copy(part, rounded.columns(first, end));
            }
        }
        backend.dense().add(-1, rounded, weights);
        return new Rounded(rounder.codes(), 0);
    }

    /** Every element to the value of the grid above or below, the nearer the likelier. */
    private void moveToNeighbours(Matrix target) {
        try (Arena arena = Arena.ofConfined()) {
            HostMatrix host = HostMatrix.allocate(arena, target.rows(), target.columns());
            backend.download(target, host);
            for (int i = 0; i < host.rows(); i++) {
                for (int j = 0; j < host.columns(); j++) {
                    host.set(i, j, grid.neighbour(host.get(i, j), random.nextDouble()));
                }
            }
            backend.upload(host, target);
        }
    }

    private Rounded greedy(Matrix weights, Matrix rounded) {
        CodebookRounder rounder = rounder(weights);
        backend.dense().copy(weights, rounded);
        backend.dense().scale(weights, 0);
        new CoordinateDescent(backend, hessian, 1).improve(1, weights, rounder, rounded);
        return new Rounded(rounder.codes(), 0);
    }

    private Rounded ldlq(Matrix curvature, Matrix weights, Matrix rounded) {
        CodebookRounder rounder = rounder(weights);
        return new Rounded(rounder.codes(), ldlq(curvature, weights, rounder, rounded));
    }

    private double ldlq(Matrix curvature, Matrix weights, CodebookRounder rounder, Matrix rounded) {
        try (Workspace workspace = backend.workspace()) {
            Matrix lower = workspace.matrix(curvature.rows(), curvature.rows());
            double damping = HessianDamping.factor(backend, curvature, lower, 1);
            new BlockLdlq(backend, lower, 1).round(weights, rounder, rounded);
            return damping;
        }
    }

    /** With ascending diagonal: the last column is the first to be rounded. */
    private Rounded reordered(Matrix weights, Matrix rounded) {
        int[] order = ascending();
        try (Workspace workspace = backend.workspace()) {
            IntMatrix indices = workspace.copyOf(1, order.length, order);
            Matrix half = workspace.matrix(hessian.rows(), hessian.rows());
            Matrix curvature = workspace.matrix(hessian.rows(), hessian.rows());
            backend.dense().gatherColumns(hessian, indices, curvature);
            backend.dense().transpose(curvature, half);
            backend.dense().gatherColumns(half, indices, curvature);
            Matrix sorted = workspace.matrix(weights.rows(), weights.columns());
            Matrix result = workspace.matrix(weights.rows(), weights.columns());
            backend.dense().gatherColumns(weights, indices, sorted);
            CodebookRounder rounder = rounder(weights);
            double damping = ldlq(curvature, sorted, rounder, result);
            new CoordinateDescent(backend, curvature, 1).improve(PASSES, sorted, rounder, result);
            IntMatrix back = workspace.copyOf(1, order.length, inverse(order));
            backend.dense().gatherColumns(sorted, back, weights);
            backend.dense().gatherColumns(result, back, rounded);
            return new Rounded(rounder.codes().inOrder(order), damping);
        }
    }

    private CodebookRounder rounder(Matrix weights) {
        return new CodebookRounder(backend, grid, weights.rows(), weights.columns());
    }

    private int[] ascending() {
        int columns = hessian.rows();
        try (Workspace workspace = backend.workspace();
                Arena arena = Arena.ofConfined()) {
            Matrix diagonal = workspace.matrix(1, columns);
            backend.dense().diagonal(hessian, diagonal);
            HostMatrix host = HostMatrix.allocate(arena, 1, columns);
            backend.download(diagonal, host);
            return IntStream.range(0, columns)
                    .boxed()
                    .sorted(Comparator.comparingDouble(j -> host.get(0, j)))
                    .mapToInt(Integer::intValue)
                    .toArray();
        }
    }

    private static int[] inverse(int[] order) {
        int[] inverse = new int[order.length];
        for (int j = 0; j < order.length; j++) {
            inverse[order[j]] = j;
        }
        return inverse;
    }
}
