package dev.quipforge.engine.compute;

/**
 * The operations of a Llama-style decoder. Activations are [tokens × width]; a batch is several windows of equal length
 * below each other.
 */
public interface TransformerOps {

    /** Row i of {@code output} = row {@code tokens}[0, i] of {@code table}; tokens are [1 × count]. */
    void embed(Matrix table, IntMatrix tokens, Matrix output);

    /** Root-mean-square norm of every row: x / sqrt(mean(x²) + epsilon) ∘ weight; weight is [1 × width]. */
    void rmsNorm(Matrix input, Matrix weight, float epsilon, Matrix output);

    /**
     * Rotary position embedding in place: in every head the pair (x[i], x[i + d/2]) turns by position · frequency[i]
     * (the half-split form of Hugging Face Llama).
     *
     * @param heads [tokens × (count · headWidth)]
     * @param headWidth width d of one head
     * @param frequencies inverse frequencies, [1 × d/2]
     * @param window tokens of one window: row r is at position {@code firstPosition} + r mod window
     * @param firstPosition position of the first row of every window
     */
    void rotate(Matrix heads, int headWidth, Matrix frequencies, int window, int firstPosition);

    /**
     * Causal softmax attention with grouped key and value heads. Of long windows a backend may round queries, keys, values
     * and weights to bf16 ({@link DenseOps#project}); sums are in fp32 at least.
     *
     * @param geometry head counts and widths
     * @param query [windows · queryLength × heads · headWidth]
     * @param key [windows · keyLength × keyValueHeads · headWidth]; the last queryLength of the keyLength rows of each
     *     window are those of the queries, the ones before them come from a cache
     * @param value same shape as key
     * @param windows number of windows
     * @param output same shape as query
     */
    void causalAttention(
            AttentionGeometry geometry, Matrix query, Matrix key, Matrix value, int windows, Matrix output);

    /** {@code gate} = silu(gate) ∘ up. */
    void swiGlu(Matrix gate, Matrix up);

    /**
     * The log-probability that softmax(logits) gives to each target: log_softmax(row i)[targets[0, i]].
     *
     * @return one value a row, accumulated in double precision
     */
    double[] logProbabilities(Matrix logits, IntMatrix targets);

    /**
     * Kullback-Leibler divergence D(softmax(reference row) ‖ softmax(candidate row)) of each row, in nats.
     *
     * @return one value a row
     */
    double[] divergence(Matrix reference, Matrix candidate);

    /** The index of the largest element of each row; the first of equals. */
    int[] argmaxRows(Matrix matrix);
}
