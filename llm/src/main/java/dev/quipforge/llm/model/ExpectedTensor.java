package dev.quipforge.llm.model;

import dev.quipforge.llm.safetensors.DataType;
import dev.quipforge.llm.safetensors.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A tensor that a model must have.
 *
 * @param shape length of every dimension
 * @param codes dtype of codes; null for floating-point numbers of any kind
 */
record ExpectedTensor(List<Long> shape, @Nullable DataType codes) {

    ExpectedTensor {
        shape = List.copyOf(shape);
    }

    /** Floating-point numbers. */
    static ExpectedTensor floating(List<Long> shape) {
        return new ExpectedTensor(shape, null);
    }

    /** Fails unless {@code tensor} is such a one. */
    void check(Tensor tensor) {
        tensor.requireShape(shape);
        if (codes == null) {
            tensor.requireFloating();
        } else {
            tensor.requireType(codes);
        }
    }
}
