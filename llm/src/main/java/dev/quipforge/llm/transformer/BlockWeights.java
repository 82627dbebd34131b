package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.llm.model.Input;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The matrices of one decoder block, or the gradients with respect to them.
 *
 * @param attentionNorm norm before the attention, [1 × hidden]
 * @param mlpNorm norm before the MLP, [1 × hidden]
 * @param linears weights [outputs × inputs] of the linears that read each input, in the order of {@link
 *     dev.quipforge.llm.model.LinearGroup}
 */
public record BlockWeights(Matrix attentionNorm, Matrix mlpNorm, Map<Input, List<Matrix>> linears) {

    public BlockWeights {
        linears = new EnumMap<>(linears);
    }

    /** The linears that read {@code input}. */
    public List<Matrix> linears(Input input) {
        return linears.getOrDefault(input, List.of());
    }
}
