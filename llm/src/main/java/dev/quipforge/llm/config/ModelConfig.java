package dev.quipforge.llm.config;

import dev.quipforge.llm.architecture.Architecture;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What {@code config.json} says about a model.
 *
 * @param architecture what it computes, and where its weights stand
 * @param endTokens tokens that end a text; may be empty
 * @param quantization how the linears are stored; empty for dense weights
 * @param keptLinears linears that are dense all the same, by name
 * @param scaleBlock what has a scale where dense weights are stored in 8 bits with a scale a block
 * @param partial whether the decoder is the text part of a larger model, whose other tensors are passed through
 */
public record ModelConfig(
        Architecture architecture,
        List<Integer> endTokens,
        Optional<QuantizationScheme> quantization,
        Set<String> keptLinears,
        ScaleBlock scaleBlock,
        boolean partial) {

    public ModelConfig {
        endTokens = List.copyOf(endTokens);
        keptLinears = Set.copyOf(keptLinears);
    }

    /** Whether the linear of that name is stored as codes of this project. */
    public boolean isQuantized(String linear) {
        return quantization.isPresent() && !keptLinears.contains(linear);
    }

    /** Width of the hidden state. */
    public int hidden() {
        return architecture.sizes().hidden();
    }

    /** Number of decoder blocks. */
    public int blocks() {
        return architecture.blocks().size();
    }

    /** Number of token ids. */
    public int vocabulary() {
        return architecture.sizes().vocabulary();
    }

    /** Most tokens of one text. */
    public int context() {
        return architecture.sizes().context();
    }
}
