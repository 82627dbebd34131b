package dev.quipforge.engine.incoherence;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.random.TensorRandom;
import java.lang.foreign.Arena;
import java.util.random.RandomGenerator;

/**
 * QuIP's random orthogonal matrix U = Q₁ ⊗ Q₂ with n = p · q, p and q as close to each other as can be (QuIP, section
 * 4.1): a product with it takes n (p + q) multiplications a vector, and it works for every n.
 */
public final class KroneckerOrthogonal {

    /** Rows that are transformed at a time. */
    private static final int PANEL = 256;

    private final double[][] left;
    private final double[][] right;

    private KroneckerOrthogonal(double[][] left, double[][] right) {
        this.left = left;
        this.right = right;
    }

    /**
     * The matrix of dimension {@code order}, the same for the same seed and name on any machine.
     *
     * @param seed seed of the job
     * @param name what it belongs to
     * @param order n, at least 1
     */
    public static KroneckerOrthogonal draw(long seed, String name, int order) {
        if (order < 1) {
            throw new IllegalArgumentException("dimension: " + order + " (expected: at least 1)");
        }
        int small = (int) Math.sqrt(order);
        while (order % small != 0) {
            small--;
        }
        RandomGenerator random = TensorRandom.of(seed, name);
        return new KroneckerOrthogonal(orthogonal(random, small), orthogonal(random, order / small));
    }

    /** n. */
    public int order() {
        return left.length * right.length;
    }

    /** p, the order of Q₁. */
    public int outer() {
        return left.length;
    }

    /** Every row x becomes U x, in place: the matrix becomes M · Uᵀ. */
    public void transformRows(ComputeBackend backend, Matrix matrix) {
        applyToRows(backend, matrix, left, right);
    }

    /** Every row x becomes Uᵀ x, in place: the matrix becomes M · U. */
    public void transformRowsInverse(ComputeBackend backend, Matrix matrix) {
        applyToRows(backend, matrix, transposed(left), transposed(right));
    }

    /** Every column x becomes U x, in place; rows without gaps. */
    public void transformColumns(ComputeBackend backend, Matrix matrix) {
        applyToColumns(backend, matrix, left, right);
    }

    /** Every column x becomes Uᵀ x, in place; rows without gaps. */
    public void transformColumnsInverse(ComputeBackend backend, Matrix matrix) {
        applyToColumns(backend, matrix, transposed(left), transposed(right));
    }

    /** Every row, seen as a p × q matrix X, becomes left · X · rightᵀ. */
    private static void applyToRows(ComputeBackend backend, Matrix matrix, double[][] left, double[][] right) {
        int p = left.length;
        int q = right.length;
        Shapes.require("matrix", matrix, matrix.rows(), p * q);
        try (Workspace workspace = backend.workspace();
                Arena arena = Arena.ofConfined()) {
            Matrix first = workspace.copyOf(host(arena, left));
            Matrix second = workspace.copyOf(host(arena, right));
            Matrix from = workspace.matrix(Math.min(PANEL, matrix.rows()), p * q);
            Matrix to = workspace.matrix(from.rows(), p * q);
            for (int top = 0; top < matrix.rows(); top += PANEL) {
                int count = Math.min(PANEL, matrix.rows() - top);
                backend.dense().copy(matrix.rows(top, top + count), from.rows(0, count));
                Matrix half = to.rows(0, count);
                backend.dense()
                        .multiplyTransposed(
                                from.rows(0, count).reshape(count * p, q), second, half.reshape(count * p, q));
                for (int row = 0; row < count; row++) {
                    Matrix vector = half.rows(row, row + 1).reshape(p, q);
                    backend.dense()
                            .multiply(
                                    first,
                                    vector,
                                    matrix.rows(top + row, top + row + 1).reshape(p, q));
                }
            }
        }
    }

    /** Rows a · q + b for all a, then for all b: left · M seen as p × q n, then right · each of the p blocks of rows. */
    private static void applyToColumns(ComputeBackend backend, Matrix matrix, double[][] left, double[][] right) {
        int p = left.length;
        int q = right.length;
        int columns = matrix.columns();
        Shapes.require("matrix", matrix, p * q, columns);
        try (Workspace workspace = backend.workspace();
                Arena arena = Arena.ofConfined()) {
            Matrix first = workspace.copyOf(host(arena, left));
            Matrix second = workspace.copyOf(host(arena, right));
            Matrix half = workspace.matrix(p * q, columns);
            backend.dense().multiply(first, matrix.reshape(p, q * columns), half.reshape(p, q * columns));
            for (int block = 0; block < p * q; block += q) {
                backend.dense().multiply(second, half.rows(block, block + q), matrix.rows(block, block + q));
            }
        }
    }

    private static HostMatrix host(Arena arena, double[][] values) {
        HostMatrix matrix = HostMatrix.allocate(arena, values.length, values.length);
        for (int i = 0; i < values.length; i++) {
            for (int j = 0; j < values.length; j++) {
                matrix.set(i, j, (float) values[i][j]);
            }
        }
        return matrix;
    }

    private static double[][] transposed(double[][] matrix) {
        double[][] transposed = new double[matrix.length][matrix.length];
        for (int i = 0; i < matrix.length; i++) {
            for (int j = 0; j < matrix.length; j++) {
                transposed[j][i] = matrix[i][j];
            }
        }
        return transposed;
    }

    /** A uniformly random orthogonal matrix: Gaussian rows, made orthonormal one after the other, twice for precision. */
    private static double[][] orthogonal(RandomGenerator random, int order) {
        double[][] rows = new double[order][order];
        for (int i = 0; i < order; i++) {
            for (int j = 0; j < order; j++) {
                rows[i][j] = random.nextGaussian();
            }
            for (int k = 0; k < 2 * i; k++) {
                subtractProjection(rows[i], rows[k % i]);
            }
            double length = StrictMath.sqrt(dot(rows[i], rows[i]));
            for (int j = 0; j < order; j++) {
                rows[i][j] /= length;
            }
        }
        return rows;
    }

    private static void subtractProjection(double[] vector, double[] unit) {
        double projection = dot(vector, unit);
        for (int j = 0; j < vector.length; j++) {
            vector[j] -= projection * unit[j];
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int j = 0; j < a.length; j++) {
            sum += a[j] * b[j];
        }
        return sum;
    }
}
