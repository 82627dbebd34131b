package dev.quipforge.llm.architecture;

import java.util.Optional;

/**
 * A linear layer, y = W x + b.
 *
 * @param name names the linear and its tensors in quantized checkpoints, such as {@code model.layers.0.self_attn.q_proj}
 * @param shape of W, [outputs × inputs]
 * @param weight where W stands in the dense model
 * @param bias where b stands; empty where there is none
 */
public record LinearSpec(String name, LinearShape shape, TensorPart weight, Optional<TensorPart> bias) {

    private static final String WEIGHT = ".weight";

    private static final String BIAS = ".bias";

    /** A linear with tensors of its own: {@code <name>.weight}, and {@code <name>.bias} where it is {@code biased}. */
    public static LinearSpec plain(String name, int outputs, int inputs, boolean biased) {
        return new LinearSpec(
                name,
                new LinearShape(outputs, inputs),
                TensorPart.whole(name + WEIGHT, outputs, inputs),
                biased ? Optional.of(TensorPart.whole(name + BIAS, outputs)) : Optional.empty());
    }

    /** Name of W by itself, whatever tensor it is a part of: what tuning and quantized checkpoints call it. */
    public String weightName() {
        return name + WEIGHT;
    }

    /** Name of b by itself. */
    public String biasName() {
        return name + BIAS;
    }
}
