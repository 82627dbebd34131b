package dev.quipforge.llm.family;

import java.util.List;
import java.util.Set;

/**
 * What the tensors of a decoder are called.
 *
 * @param prefix before {@code embed_tokens}, {@code layers} and {@code norm}, such as {@code model.}
 * @param head name of the head
 */
public record TensorNames(String prefix, String head) {

    /** Those of a model that is nothing but a decoder. */
    public static final TensorNames PLAIN = new TensorNames("model.", "lm_head.weight");

    private static final List<TensorNames> OF_TEXT_PARTS = List.of(
            new TensorNames("model.language_model.", PLAIN.head),
            new TensorNames("language_model.model.", "language_model.lm_head.weight"),
            new TensorNames("model.text_model.", PLAIN.head),
            PLAIN);

    /** Those of the decoder in a larger model, by its tensors; {@link #PLAIN} where none is there. */
    public static TensorNames ofTextPart(Set<String> tensors) {
        return OF_TEXT_PARTS.stream()
                .filter(names -> tensors.contains(names.embedding()))
                .findFirst()
                .orElse(PLAIN);
    }

    /** Name of the embedding table. */
    public String embedding() {
        return prefix + "embed_tokens.weight";
    }

    /** Name of the last norm. */
    String norm() {
        return prefix + "norm.weight";
    }

    /** What the names of the tensors of a block begin with. */
    String block(int index) {
        return prefix + "layers." + index + ".";
    }
}
