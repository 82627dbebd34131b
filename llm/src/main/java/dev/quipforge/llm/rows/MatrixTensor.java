package dev.quipforge.llm.rows;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.llm.safetensors.DataType;
import dev.quipforge.llm.safetensors.WritableTensor;
import java.io.IOException;
import java.util.List;

/**
 * A matrix of a backend as an F32 tensor, downloaded while it is written; a single row is a vector.
 *
 * @param backend its backend
 * @param name its name in the file
 * @param matrix the matrix
 */
public record MatrixTensor(ComputeBackend backend, String name, Matrix matrix) implements WritableTensor {

    @Override
    public DataType type() {
        return DataType.F32;
    }

    @Override
    public List<Long> shape() {
        long columns = matrix.columns();
        return matrix.rows() == 1 ? List.of(columns) : List.of((long) matrix.rows(), columns);
    }

    @Override
    public void writeTo(Sink sink) throws IOException {
        new RowsTensor(name, DataType.F32, new MatrixRows(backend, matrix)).writeTo(sink);
    }
}
