package dev.quipforge.llm.architecture;

import java.util.List;

/**
 * An activation of a block that linears read; they share its Hessian and its transform.
 *
 * @param key its name in file names and messages, such as {@code attention-in}
 * @param width of the activation
 * @param linears those that read it, in order
 */
public record InputSpec(String key, int width, List<LinearSpec> linears) {

    /** What queries, keys and values are made of. */
    public static final String ATTENTION_IN = "attention-in";

    /** What the attention gathered. */
    public static final String ATTENTION_OUT = "attention-out";

    /** The compressed queries of latent attention. */
    public static final String QUERY_UP = "query-up";

    /** The compressed keys and values of latent attention. */
    public static final String KEY_VALUE_UP = "key-value-up";

    public InputSpec {
        linears = List.copyOf(linears);
    }

    /** Of linears that read the same. */
    static InputSpec of(String key, LinearSpec... linears) {
        return new InputSpec(key, linears[0].shape().inputs(), List.of(linears));
    }

    /** Number of weights that read it. */
    public long weights() {
        return linears.stream().mapToLong(linear -> linear.shape().weights()).sum();
    }

    /** Bytes of its Hessian in F32. */
    public long hessianBytes() {
        return (long) width * width * Float.BYTES;
    }
}
