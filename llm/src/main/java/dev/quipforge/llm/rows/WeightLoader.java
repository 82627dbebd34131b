package dev.quipforge.llm.rows;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.FloatFormat;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.safetensors.Tensor;
import java.lang.foreign.Arena;

/** Brings dense tensors into a backend's memory as 32-bit floats, a few rows at a time. */
public final class WeightLoader {

    /** Floats of the host buffer through which a tensor passes. */
    private static final int BUFFER = 1 << 24;

    private WeightLoader() {}

    /**
     * A matrix of {@code workspace} with the values of {@code tensor}; a vector becomes one row.
     *
     * @param backend where to
     * @param workspace owner of the result
     * @param tensor a vector or a matrix of floating-point numbers
     */
    public static Matrix load(ComputeBackend backend, Workspace workspace, Tensor tensor) {
        int columns = Math.toIntExact(tensor.shape().getLast());
        int rows = Math.toIntExact(tensor.elements() / columns);
        Matrix matrix = workspace.matrix(rows, columns);
        switch (tensor.type()) {
            case F32 -> backend.upload(FloatFormat.FP32, tensor.data(), matrix);
            case F16 -> backend.upload(FloatFormat.FP16, tensor.data(), matrix);
            case BF16 -> backend.upload(FloatFormat.BF16, tensor.data(), matrix);
            case F64, F8_E4M3, F8_E5M2, BOOL, U8, I8, I16, U16, I32, U32, I64, U64 -> convert(backend, tensor, matrix);
        }
        return matrix;
    }

    /** By way of a host buffer; refuses what is not floating. */
    private static void convert(ComputeBackend backend, Tensor tensor, Matrix matrix) {
        int rows = matrix.rows();
        int columns = matrix.columns();
        int step = Math.max(1, BUFFER / columns);
        try (Arena arena = Arena.ofConfined()) {
            HostMatrix buffer = HostMatrix.allocate(arena, Math.min(step, rows), columns);
            for (int from = 0; from < rows; from += step) {
                int to = Math.min(rows, from + step);
                HostMatrix part = buffer.rows(0, to - from);
                tensor.copyRowsTo(from, part);
                backend.upload(part, matrix.rows(from, to));
            }
        }
    }
}
