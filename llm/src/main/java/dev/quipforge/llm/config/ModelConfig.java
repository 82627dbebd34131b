package dev.quipforge.llm.config;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What {@code config.json} says about a model of the Llama architecture.
 *
 * @param architecture name of the architecture, such as {@code LlamaForCausalLM}
 * @param sizes widths and counts
 * @param heads attention heads
 * @param rotary rotary position embedding
 * @param normEpsilon ε of the root-mean-square norms
 * @param tiedEmbeddings whether the head is the embedding table
 * @param endTokens tokens that end a text; may be empty
 * @param quantization how the linears are stored; empty for dense weights
 * @param keptLinears linears that are dense all the same, by name
 */
public record ModelConfig(
        String architecture,
        Sizes sizes,
        Heads heads,
        Rotary rotary,
        float normEpsilon,
        boolean tiedEmbeddings,
        List<Integer> endTokens,
        Optional<QuantizationConfig> quantization,
        Set<String> keptLinears) {

    public ModelConfig {
        endTokens = List.copyOf(endTokens);
        keptLinears = Set.copyOf(keptLinears);
    }

    /**
     * Widths and counts.
     *
     * @param hidden width of the hidden state
     * @param intermediate width inside the MLP
     * @param blocks number of decoder blocks
     * @param vocabulary number of token ids
     * @param context most tokens of one text
     */
    public record Sizes(int hidden, int intermediate, int blocks, int vocabulary, int context) {}

    /**
     * Attention heads.
     *
     * @param query number of query heads
     * @param keyValue number of key and value heads
     * @param width width of one head
     */
    public record Heads(int query, int keyValue, int width) {

        /** Width of all query heads. */
        public int queryWidth() {
            return query * width;
        }

        /** Width of all key or value heads. */
        public int keyValueWidth() {
            return keyValue * width;
        }
    }
}
