package dev.quipforge.llm.model;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.config.ModelConfig;
import java.util.Arrays;
import java.util.List;

/** The four activations of a decoder block that linears read; linears of one input share its Hessian. */
public enum Input {
    /** The normalized hidden state that queries, keys and values are made of. */
    ATTENTION_IN("attention-in"),
    /** What the attention gathered. */
    ATTENTION_OUT("attention-out"),
    /** The normalized hidden state before the MLP. */
    MLP_IN("mlp-in"),
    /** The gated product inside the MLP. */
    MLP_DOWN("mlp-down");

    private final String key;

    Input(String key) {
        this.key = key;
    }

    /** Its name in file names and messages, such as {@code attention-in}. */
    public String key() {
        return key;
    }

    /** Its linears within a block, such as {@code self_attn.q_proj}. */
    List<String> linears() {
        return switch (this) {
            case ATTENTION_IN -> List.of("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj");
            case ATTENTION_OUT -> List.of("self_attn.o_proj");
            case MLP_IN -> List.of("mlp.gate_proj", "mlp.up_proj");
            case MLP_DOWN -> List.of("mlp.down_proj");
        };
    }

    /** Width of the activation. */
    public int width(ModelConfig config) {
        return switch (this) {
            case ATTENTION_IN, MLP_IN -> config.sizes().hidden();
            case ATTENTION_OUT -> config.heads().queryWidth();
            case MLP_DOWN -> config.sizes().intermediate();
        };
    }

    /**
     * The input of that key.
     *
     * @throws InvalidModelException when there is none
     */
    public static Input ofKey(String key) {
        return Arrays.stream(values())
                .filter(input -> input.key.equals(key))
                .findFirst()
                .orElseThrow(() -> new InvalidModelException(
                        "input",
                        key + " (expected: one of "
                                + Arrays.stream(values()).map(Input::key).toList() + ")"));
    }
}
