package dev.quipforge.engine.compute.host;

import dev.quipforge.engine.compute.HostMatrix;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Eigenvectors by Jacobi's rotations in double precision: slow, simple, and exact to the last digits. */
public final class SymmetricEigenvectors {

    private static final int MAX_SWEEPS = 60;

    private final int order;
    private final double[][] matrix;
    private final double[][] vectors;

    private SymmetricEigenvectors(HostMatrix symmetric) {
        this.order = symmetric.rows();
        this.matrix = new double[order][order];
        this.vectors = new double[order][order];
        for (int i = 0; i < order; i++) {
            for (int j = 0; j < order; j++) {
                matrix[i][j] = symmetric.get(Math.max(i, j), Math.min(i, j));
            }
            vectors[i][i] = 1;
        }
    }

    /** Replaces a symmetric matrix, of which the lower triangle is read, by its eigenvectors as columns. */
    public static void replace(HostMatrix symmetric) {
        SymmetricEigenvectors problem = new SymmetricEigenvectors(symmetric);
        int sweeps = 0;
        while (problem.sweep() && sweeps < MAX_SWEEPS) {
            sweeps++;
        }
        problem.write(symmetric);
    }

    /** Rotates every pair of axes once; whether any rotation was worth it. */
    private boolean sweep() {
        boolean rotated = false;
        for (int p = 0; p < order; p++) {
            for (int q = p + 1; q < order; q++) {
                double limit = 1e-15 * Math.sqrt(Math.abs(matrix[p][p] * matrix[q][q]));
                if (Math.abs(matrix[p][q]) > limit) {
                    rotate(p, q);
                    rotated = true;
                }
            }
        }
        return rotated;
    }

    /** The rotation in the plane of axes p and q that makes element (p, q) zero. */
    private void rotate(int p, int q) {
        double cotangent = (matrix[q][q] - matrix[p][p]) / (2 * matrix[p][q]);
        double tangent = Math.copySign(1, cotangent) / (Math.abs(cotangent) + Math.hypot(1, cotangent));
        double cosine = 1 / Math.hypot(1, tangent);
        double sine = tangent * cosine;
        for (int k = 0; k < order; k++) {
            double kp = matrix[k][p];
            double kq = matrix[k][q];
            matrix[k][p] = cosine * kp - sine * kq;
            matrix[k][q] = sine * kp + cosine * kq;
        }
        rotateRows(matrix, p, q, cosine, sine);
        // the eigenvectors are kept as rows
        rotateRows(vectors, p, q, cosine, sine);
    }

    private static void rotateRows(double[][] rows, int p, int q, double cosine, double sine) {
        for (int k = 0; k < rows.length; k++) {
            double pk = rows[p][k];
            double qk = rows[q][k];
            rows[p][k] = cosine * pk - sine * qk;
            rows[q][k] = sine * pk + cosine * qk;
        }
    }

    private void write(HostMatrix target) {
        int[] ascending = IntStream.range(0, order)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> matrix[i][i]))
                .mapToInt(Integer::intValue)
                .toArray();
        for (int i = 0; i < order; i++) {
            for (int j = 0; j < order; j++) {
                target.set(i, j, (float) vectors[ascending[j]][i]);
            }
        }
    }
}
