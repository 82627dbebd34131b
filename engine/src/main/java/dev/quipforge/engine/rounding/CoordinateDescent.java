package dev.quipforge.engine.rounding;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.DenseOps;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.rounding.Parts.Range;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/**
 * Passes over a matrix that is rounded already: every block of columns, from the last to the first, is rounded again at
 * what would be best given all others, Ŵ_k + (W − Ŵ) H_{:,k} H_kk⁻¹ (QuIP#, section 4.1 and its program; with single
 * columns the greedy updates of QuIP, section 3.2).
 *
 * <p>The feedback of all columns to the blocks of a span is one product; within the span it is kept up to date.
 *
 * <p>The rows may be parts of equal height with an H each, as for {@link BlockLdlq}.
 */
public final class CoordinateDescent {

    /** Columns whose common feedback is one product. */
    private static final int SPAN = 128;

    private final ComputeBackend backend;
    private final List<Matrix> hessians;
    private final int block;

    /**
     * For rows that are one part.
     *
     * @param backend where all matrices live
     * @param hessian H, symmetric [n × n]
     * @param block columns that are rounded together, a divisor of n
     */
    public CoordinateDescent(ComputeBackend backend, Matrix hessian, int block) {
        this(backend, List.of(hessian), block);
    }

    /**
     * For rows that are parts of equal height.
     *
     * @param backend where all matrices live
     * @param hessians H of every part from above, each symmetric [n × n]
     * @param block columns that are rounded together, a divisor of n
     */
    public CoordinateDescent(ComputeBackend backend, List<Matrix> hessians, int block) {
        for (Matrix hessian : hessians) {
            Shapes.requireBlocks("hessian", hessian, block);
            Shapes.requireSame("hessian", hessian, hessians.getFirst());
        }
        this.backend = backend;
        this.hessians = List.copyOf(hessians);
        this.block = block;
    }

    /**
     * Makes {@code passes} passes.
     *
     * @param passes how many
     * @param errors W − Ŵ, [m × n], as {@link BlockLdlq} leaves them; kept up to date
     * @param rounder rounds one block of columns
     * @param rounded Ŵ, same shape; kept up to date
     */
    public void improve(int passes, Matrix errors, BlockRounder rounder, Matrix rounded) {
        int columns = hessians.getFirst().rows();
        Shapes.require("errors", errors, errors.rows(), columns);
        Shapes.requireParts("errors", errors, hessians.size());
        Shapes.requireSame("rounded", rounded, errors);
        int span = Math.max(block, SPAN / block * block);
        try (Workspace workspace = backend.workspace()) {
            Parts gains = gains(workspace);
            Buffers buffers = new Buffers(
                    workspace.matrix(errors.rows(), Math.min(columns, span)),
                    workspace.matrix(errors.rows(), block),
                    workspace.matrix(errors.rows(), block));
            for (int pass = 0; pass < passes; pass++) {
                for (int end = columns; end > 0; end -= Math.min(end, span)) {
                    Range own = new Range(Math.max(0, end - span), end);
                    gains.multiply(errors, new Range(0, columns), own, buffers.feedback.columns(0, own.length()));
                    Sweep sweep = new Sweep(own, errors.columns(own.first(), end), rounded.columns(own.first(), end));
                    sweep(sweep, gains, rounder, buffers);
                }
            }
        }
    }

    private record Buffers(Matrix feedback, Matrix target, Matrix result) {}

    /** A span of columns. */
    private record Sweep(Range range, Matrix errors, Matrix rounded) {}

    /** The blocks of one span; what one changes is fed back to those before it, which are yet to come. */
    private void sweep(Sweep span, Parts gains, BlockRounder rounder, Buffers buffers) {
        DenseOps dense = backend.dense();
        Matrix target = buffers.target;
        int start = span.range.first();
        for (int first = span.range.length() - block; first >= 0; first -= block) {
            int end = first + block;
            Matrix current = span.rounded.columns(first, end);
            dense.copy(current, target);
            dense.add(1, buffers.feedback.columns(first, end), target);
            rounder.round(start + first, target, buffers.result);
            // by how much the errors grow
            dense.copy(current, target);
            dense.add(-1, buffers.result, target);
            dense.add(1, target, span.errors.columns(first, end));
            dense.copy(buffers.result, current);
            Range own = new Range(start + first, start + end);
            gains.multiplyAdd(target, own, new Range(start, start + first), buffers.feedback.columns(0, first));
        }
    }

    /** H_{:,k} · H_kk⁻¹ for every block k, of every part. */
    private Parts gains(Workspace workspace) {
        int order = hessians.getFirst().rows();
        Matrix stack = workspace.matrix(Math.multiplyExact(hessians.size(), order), order);
        List<Matrix> gains = Parts.of(stack, hessians.size());
        for (int part = 0; part < gains.size(); part++) {
            gain(hessians.get(part), gains.get(part));
        }
        return new Parts(backend.dense(), gains);
    }

    private void gain(Matrix hessian, Matrix gain) {
        int order = hessian.rows();
        try (Workspace temporary = backend.workspace()) {
            Matrix diagonal = temporary.matrix(order, block);
            copyDiagonalBlocks(hessian, diagonal);
            invertBlocks(diagonal);
            List<Matrix> columns = new ArrayList<>();
            List<Matrix> results = new ArrayList<>();
            for (int first = 0; first < order; first += block) {
                columns.add(hessian.columns(first, first + block));
                results.add(gain.columns(first, first + block));
            }
            backend.dense().multiply(columns, Parts.of(diagonal, order / block), results);
        }
    }

    /** H_kk of every block k, below each other. */
    private void copyDiagonalBlocks(Matrix hessian, Matrix blocks) {
        if (block == 1) {
            backend.dense().diagonal(hessian, blocks.reshape(1, hessian.rows()));
            return;
        }
        for (int first = 0; first < hessian.rows(); first += block) {
            int end = first + block;
            backend.dense().copy(hessian.rows(first, end).columns(first, end), blocks.rows(first, end));
        }
    }

    private void invertBlocks(Matrix blocks) {
        try (Arena arena = Arena.ofConfined()) {
            HostMatrix host = HostMatrix.allocate(arena, blocks.rows(), block);
            backend.download(blocks, host);
            for (int first = 0; first < host.rows(); first += block) {
                invert(host.rows(first, first + block));
            }
            backend.upload(host, blocks);
        }
    }

    /** Gauss and Jordan without pivots, which a positive definite matrix does not need. */
    private static void invert(HostMatrix matrix) {
        int n = matrix.rows();
        double[][] left = new double[n][2 * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                left[i][j] = matrix.get(i, j);
            }
            left[i][n + i] = 1;
        }
        for (int pivot = 0; pivot < n; pivot++) {
            eliminate(left, pivot);
        }
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                matrix.set(i, j, (float) left[i][n + j]);
            }
        }
    }

    private static void eliminate(double[][] rows, int pivot) {
        double factor = 1 / rows[pivot][pivot];
        for (int j = 0; j < rows[pivot].length; j++) {
            rows[pivot][j] *= factor;
        }
        for (int i = 0; i < rows.length; i++) {
            double multiple = i == pivot ? 0 : rows[i][pivot];
            for (int j = 0; j < rows[i].length; j++) {
                rows[i][j] -= multiple * rows[pivot][j];
            }
        }
    }
}
