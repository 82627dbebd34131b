package dev.quipforge.llm.training;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.llm.safetensors.DataType;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.Tensors;
import java.lang.foreign.Arena;
import java.util.List;

/** Matrices of a backend as tensors in host memory. */
public final class HostTensors {

    private HostTensors() {}

    /** A copy of {@code matrix} as F32, a single row as a vector; its memory lives as long as it is referred to. */
    public static Tensor of(ComputeBackend backend, String name, Matrix matrix) {
        HostMatrix host = HostMatrix.allocate(Arena.ofAuto(), matrix.rows(), matrix.columns());
        backend.download(matrix, host);
        Tensor tensor = Tensors.ofMatrix(name, host);
        return matrix.rows() == 1
                ? new Tensor(name, DataType.F32, List.of((long) matrix.columns()), tensor.data())
                : tensor;
    }
}
