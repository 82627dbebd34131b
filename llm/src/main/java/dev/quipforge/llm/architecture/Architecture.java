package dev.quipforge.llm.architecture;

import java.util.ArrayList;
import java.util.List;

/**
 * A decoder-only model: an embedding, blocks, a head. Whoever computes with a model, quantizes or stores it reads this and
 * nothing else of its configuration.
 *
 * @param modelType the family, as {@code model_type} of {@code config.json} names it
 * @param sizes widths and counts
 * @param embedding how tokens become hidden states
 * @param blocks the decoder blocks, in order
 * @param head how hidden states become logits
 * @param foreign what the names of tensors begin with that are none of this decoder's and are passed through as they are
 */
public record Architecture(
        String modelType, Sizes sizes, Embedding embedding, List<BlockSpec> blocks, Head head, List<String> foreign) {

    public Architecture {
        blocks = List.copyOf(blocks);
        foreign = List.copyOf(foreign);
    }

    /** The same beside other tensors, whose names begin so. */
    public Architecture withForeign(String prefix) {
        List<String> prefixes = new ArrayList<>(foreign);
        prefixes.add(prefix);
        return new Architecture(modelType, sizes, embedding, blocks, head, prefixes);
    }

    /**
     * Widths and counts.
     *
     * @param hidden width of the hidden state
     * @param vocabulary number of token ids
     * @param context most tokens of one text
     */
    public record Sizes(int hidden, int vocabulary, int context) {}

    /**
     * The embedding.
     *
     * @param tensor name of the table, [vocabulary × hidden]
     * @param multiplier what its rows are multiplied by
     */
    public record Embedding(String tensor, float multiplier) {}

    /**
     * The head: logits = cap(multiplier · W · norm(h)).
     *
     * @param norm the last norm
     * @param tensor name of W, [vocabulary × hidden]; a tied model has no such tensor
     * @param tied whether W is the table of the embedding
     * @param multiplier what logits are multiplied by
     * @param cap logits become cap · tanh(logit / cap); 0 leaves them as they are
     */
    public record Head(NormSpec norm, String tensor, boolean tied, float multiplier, float cap) {}

    /** Name of the tensor that W of the head is read from. */
    public String headSource() {
        return head.tied ? embedding.tensor : head.tensor;
    }

    /** The linears that are quantized, block by block. */
    public List<LinearGroup> groups() {
        return blocks.stream().flatMap(block -> block.groups().stream()).toList();
    }
}
