package dev.quipforge.llm.training;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.llm.architecture.NormSpec;
import dev.quipforge.llm.rows.MatrixRows;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.Tensors;
import java.util.List;

/** Vectors as a checkpoint stores them, F32: made of those that are trained. */
final class StoredVectors {

    private StoredVectors() {}

    /** The weight of a norm, without its offset. */
    static Tensor norm(ComputeBackend backend, NormSpec norm, Matrix weight) {
        float[] values = new MatrixRows(backend, weight).values();
        for (int i = 0; i < values.length; i++) {
            values[i] -= norm.offset();
        }
        return vector(norm.tensor(), values);
    }

    /** The products of two vectors, element by element. */
    static Tensor product(ComputeBackend backend, String name, Matrix first, Matrix second) {
        float[] values = new MatrixRows(backend, first).values();
        float[] factors = new MatrixRows(backend, second).values();
        for (int i = 0; i < values.length; i++) {
            values[i] *= factors[i];
        }
        return vector(name, values);
    }

    private static Tensor vector(String name, float[] values) {
        return Tensors.ofFloats(name, List.of((long) values.length), values);
    }
}
