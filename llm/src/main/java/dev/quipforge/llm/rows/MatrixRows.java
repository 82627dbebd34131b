package dev.quipforge.llm.rows;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;

/**
 * The rows of a matrix of a backend, downloaded when they are read.
 *
 * @param backend its backend
 * @param matrix the matrix
 */
public record MatrixRows(ComputeBackend backend, Matrix matrix) implements DenseRows {

    @Override
    public int rows() {
        return matrix.rows();
    }

    @Override
    public int columns() {
        return matrix.columns();
    }

    @Override
    public void copyTo(int first, int step, HostMatrix target) {
        requireRows(first, step, target);
        if (step == 1) {
            backend.download(matrix.rows(first, first + target.rows()), target);
            return;
        }
        for (int i = 0; i < target.rows(); i++) {
            int row = first + i * step;
            backend.download(matrix.rows(row, row + 1), target.rows(i, i + 1));
        }
    }

    /** All values, row by row: of a small matrix. */
    public float[] values() {
        try (Arena arena = Arena.ofConfined()) {
            HostMatrix host = HostMatrix.allocate(arena, matrix.rows(), matrix.columns());
            backend.download(matrix, host);
            return host.data().toArray(ValueLayout.JAVA_FLOAT);
        }
    }
}
