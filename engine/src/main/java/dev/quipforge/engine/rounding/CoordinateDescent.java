package dev.quipforge.engine.rounding;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.Workspace;
import java.lang.foreign.Arena;

/**
 * Passes over a matrix that is rounded already: every block of columns, from the last to the first, is rounded again at
 * what would be best given all others, Ŵ_k + (W − Ŵ) H_{:,k} H_kk⁻¹ (QuIP#, section 4.1 and its program; with single
 * columns the greedy updates of QuIP, section 3.2).
 */
public final class CoordinateDescent {

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
        int columns = errors.columns();
        try (Workspace workspace = backend.workspace()) {
            Matrix gain = gain(workspace);
            Matrix target = workspace.matrix(errors.rows(), block);
            Matrix result = workspace.matrix(errors.rows(), block);
            for (int pass = 0; pass < passes; pass++) {
                for (int first = columns - block; first >= 0; first -= block) {
                    Matrix current = rounded.columns(first, first + block);
                    backend.dense().copy(current, target);
                    backend.dense().multiplyAdd(1, errors, gain.columns(first, first + block), target);
                    rounder.round(first, target, result);
                    Matrix error = errors.columns(first, first + block);
                    backend.dense().add(1, current, error);
                    backend.dense().add(-1, result, error);
                    backend.dense().copy(result, current);
                }
            }
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
