package dev.quipforge.engine.compute.vector.dense;

import dev.quipforge.engine.compute.HostMatrix;
import java.lang.foreign.Arena;

/** Small lower triangles on one thread, in double precision. */
final class Triangles {

    private Triangles() {}

    /**
     * Cholesky of a small block in place; the strict upper triangle is left as it is.
     *
     * @return −1, or the index of the first pivot that is not positive
     */
    static int cholesky(HostMatrix block) {
        int n = block.rows();
        double[] factor = new double[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double rest = block.get(i, j) - dot(factor, i * n, j * n, j);
                if (i == j && !(rest > 0)) {
                    return i;
                }
                factor[i * n + j] = i == j ? Math.sqrt(rest) : rest / factor[j * n + j];
            }
        }
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                block.set(i, j, (float) factor[i * n + j]);
            }
        }
        return -1;
    }

    /** The inverse of the lower triangle of {@code block}; its upper triangle is zero. */
    static HostMatrix inverse(Arena arena, HostMatrix block) {
        int n = block.rows();
        // transposed[j · n + i] is element (i, j) of the inverse: its columns are contiguous
        double[] transposed = new double[n * n];
        double[] row = new double[n];
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < i; k++) {
                row[k] = block.get(i, k);
            }
            for (int j = 0; j <= i; j++) {
                double rest = i == j ? 1 : 0;
                for (int k = j; k < i; k++) {
                    rest -= row[k] * transposed[j * n + k];
                }
                transposed[j * n + i] = rest / block.get(i, i);
            }
        }
        HostMatrix inverse = HostMatrix.allocate(arena, n, n);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                inverse.set(i, j, (float) transposed[j * n + i]);
            }
        }
        return inverse;
    }

    private static double dot(double[] values, int a, int b, int length) {
        double sum = 0;
        for (int k = 0; k < length; k++) {
            sum += values[a + k] * values[b + k];
        }
        return sum;
    }
}
