package dev.quipforge.llm.format;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import java.util.function.Consumer;

/**
 * What stands in for a matrix where only whole units are taken: a larger one with zeros to its right and below it. A matrix
 * of whole units stands for itself.
 *
 * @param backend where the matrices live
 * @param rowUnit rows of a unit
 * @param columnUnit columns of a unit
 */
public record Padding(ComputeBackend backend, int rowUnit, int columnUnit) {

    /** Has {@code matrix}, or what stands in for it, read. */
    public void read(Matrix matrix, Consumer<Matrix> reader) {
        if (isWhole(matrix)) {
            reader.accept(matrix);
            return;
        }
        try (Workspace temporary = backend.workspace()) {
            Matrix padded = around(temporary, matrix);
            backend.dense().copy(matrix, corner(padded, matrix));
            reader.accept(padded);
        }
    }

    /** Has {@code matrix}, or what stands in for it, written; what is written into the padding is lost. */
    public void write(Matrix matrix, Consumer<Matrix> writer) {
        if (isWhole(matrix)) {
            writer.accept(matrix);
            return;
        }
        try (Workspace temporary = backend.workspace()) {
            Matrix padded = around(temporary, matrix);
            writer.accept(padded);
            backend.dense().copy(corner(padded, matrix), matrix);
        }
    }

    private boolean isWhole(Matrix matrix) {
        return matrix.rows() % rowUnit == 0 && matrix.columns() % columnUnit == 0;
    }

    private Matrix around(Workspace workspace, Matrix matrix) {
        return workspace.matrix(
                WeightFormat.padded(matrix.rows(), rowUnit), WeightFormat.padded(matrix.columns(), columnUnit));
    }

    private static Matrix corner(Matrix padded, Matrix matrix) {
        return padded.rows(0, matrix.rows()).columns(0, matrix.columns());
    }
}
