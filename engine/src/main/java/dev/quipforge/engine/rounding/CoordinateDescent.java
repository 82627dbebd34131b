package dev.quipforge.engine.rounding;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.DenseOps;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.Workspace;
import java.lang.foreign.Arena;

/**
 * Passes over a matrix that is rounded already: every block of columns, from the last to the first, is rounded again at
 * what would be best given all others, Ŵ_k + (W − Ŵ) H_{:,k} H_kk⁻¹ (QuIP#, section 4.1 and its program; with single
 * columns the greedy updates of QuIP, section 3.2).
 *
 * <p>The feedback of all columns to the blocks of a span is one product; within the span it is kept up to date.
 */
public final class CoordinateDescent {

    /** Columns whose common feedback is one product. */
    private static final int SPAN = 128;

    private final ComputeBackend backend;
    private final Matrix hessian;
    private final int block;

    /**
     * @param backend where all matrices live
     * @param hessian H, symmetric [n × n]
     * @param block columns that are rounded together, a divisor of n
     */
    public CoordinateDescent(ComputeBackend backend, Matrix hessian, int block) {
        Shapes.requireBlocks("hessian", hessian, block);
        this.backend = backend;
        this.hessian = hessian;
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
        Shapes.require("errors", errors, errors.rows(), hessian.rows());
        Shapes.requireSame("rounded", rounded, errors);
        int span = Math.max(block, SPAN / block * block);
        int columns = errors.columns();
        try (Workspace workspace = backend.workspace()) {
            Matrix gain = gain(workspace);
            Buffers buffers = new Buffers(
                    workspace.matrix(errors.rows(), Math.min(columns, span)),
                    workspace.matrix(errors.rows(), block),
                    workspace.matrix(errors.rows(), block));
            for (int pass = 0; pass < passes; pass++) {
                for (int end = columns; end > 0; end -= Math.min(end, span)) {
                    int first = Math.max(0, end - span);
                    Matrix feedback = buffers.feedback.columns(0, end - first);
                    backend.dense().multiply(errors, gain.columns(first, end), feedback);
                    Sweep sweep = new Sweep(first, errors.columns(first, end), rounded.columns(first, end));
                    sweep(sweep, gain.rows(first, end).columns(first, end), rounder, buffers);
                }
            }
        }
    }

    private record Buffers(Matrix feedback, Matrix target, Matrix result) {}

    /** A span of columns that begins with {@code first}. */
    private record Sweep(int first, Matrix errors, Matrix rounded) {}

    /** The blocks of one span; what one changes is fed back to those before it, which are yet to come. */
    private void sweep(Sweep span, Matrix gain, BlockRounder rounder, Buffers buffers) {
        DenseOps dense = backend.dense();
        Matrix target = buffers.target;
        for (int first = span.errors.columns() - block; first >= 0; first -= block) {
            int end = first + block;
            Matrix current = span.rounded.columns(first, end);
            dense.copy(current, target);
            dense.add(1, buffers.feedback.columns(first, end), target);
            rounder.round(span.first + first, target, buffers.result);
            // by how much the errors grow
            dense.copy(current, target);
            dense.add(-1, buffers.result, target);
            dense.add(1, target, span.errors.columns(first, end));
            dense.copy(buffers.result, current);
            Matrix before = gain.rows(first, end).columns(0, first);
            dense.multiplyAdd(1, target, before, buffers.feedback.columns(0, first));
        }
    }

    /** H_{:,k} · H_kk⁻¹ for every block k. */
    private Matrix gain(Workspace workspace) {
        int order = hessian.rows();
        Matrix gain = workspace.matrix(order, order);
        Matrix inverse = workspace.matrix(block, block);
        Matrix diagonal = workspace.matrix(block, block);
        try (Arena arena = Arena.ofConfined()) {
            HostMatrix host = HostMatrix.allocate(arena, block, block);
            for (int first = 0; first < order; first += block) {
                int end = first + block;
                backend.dense().copy(hessian.rows(first, end).columns(first, end), diagonal);
                backend.download(diagonal, host);
                invert(host);
                backend.upload(host, inverse);
                backend.dense().multiply(hessian.columns(first, end), inverse, gain.columns(first, end));
            }
        }
        return gain;
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
