package dev.quipforge.llm.rows;

import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.llm.safetensors.DataType;
import dev.quipforge.llm.safetensors.Tensors;
import dev.quipforge.llm.safetensors.WritableTensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.List;

/**
 * A matrix as a tensor, read and converted a few rows at a time while it is written.
 *
 * @param name its name in the file
 * @param type F16, BF16 or F32; values are rounded to nearest even
 * @param matrix the matrix
 */
public record RowsTensor(String name, DataType type, DenseRows matrix) implements WritableTensor {

    /** Floats in memory at once. */
    private static final int BUFFER = 1 << 20;

    public RowsTensor {
        if (type != DataType.F16 && type != DataType.BF16 && type != DataType.F32) {
            throw new IllegalArgumentException(name + ": to " + type + " (expected: F16, BF16 or F32)");
        }
    }

    @Override
    public List<Long> shape() {
        return List.of((long) matrix.rows(), (long) matrix.columns());
    }

    @Override
    public void writeTo(Sink sink) throws IOException {
        int rows = matrix.rows();
        int step = Math.clamp(BUFFER / Math.max(1, matrix.columns()), 1, Math.max(1, rows));
        try (Arena arena = Arena.ofConfined()) {
            HostMatrix buffer = HostMatrix.allocate(arena, step, matrix.columns());
            for (int first = 0; first < rows; first += step) {
                HostMatrix part = buffer.rows(0, Math.min(step, rows - first));
                matrix.copyTo(first, part);
                Tensors.converted(Tensors.ofMatrix(name, part), type).writeTo(sink);
            }
        }
    }
}
