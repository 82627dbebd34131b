package dev.quipforge.engine.compute;

/**
 * The operations of a decoder-only transformer. Activations are [tokens × width]; a batch is several windows of equal length
 * below each other.
 */
public interface TransformerOps {

    /**
     * Row i of {@code output} = row {@code tokens}[0, i] of {@code table}; tokens are [1 × count]. Gathers the rows of any
     * matrix.
     */
    void embed(Matrix table, IntMatrix tokens, Matrix output);

    /** Root-mean-square norm of every row: x / sqrt(mean(x²) + epsilon) ∘ weight; weight is [1 × width]. */
    void rmsNorm(Matrix input, Matrix weight, float epsilon, Matrix output);

    /**
     * Rotary position embedding in place: in every head the pair i of the columns that turn, (a, b), becomes amplitude ·
     * (a cos − b sin, b cos + a sin) of the angle position · frequency[i]. The other columns stay as they are.
     *
     * @param heads [tokens × (count · headWidth)]
     * @param geometry which columns turn, and in which pairs
     * @param frequencies inverse frequencies, one a pair, [1 × width / 2]
     * @param window tokens of one window: row r is at position {@code firstPosition} + r mod window
     * @param firstPosition position of the first row of every window
     */
    void rotate(Matrix heads, RotaryGeometry geometry, Matrix frequencies, int window, int firstPosition);

    /**
     * Causal softmax attention with grouped key and value heads. The last queryLength of the keyLength keys and values of
     * each window are those of its queries, the ones before them come from a cache. Of long windows a backend may round
     * queries, keys, values and weights to bf16 ({@link DenseOps#project}); sums are in fp32 at least.
     *
     * @param geometry head counts and widths, and what a query sees
     * @param inputs queries, keys, values, and sinks if there are any
     * @param windows number of windows
     * @param output [windows · queryLength × heads · valueWidth]
     */
    void causalAttention(AttentionGeometry geometry, AttentionInputs inputs, int windows, Matrix output);

    /** {@code gate} = activation(gate) ∘ up; {@link GatedActivation} has the formulas. */
    void gate(GatedActivation activation, Matrix gate, Matrix up);

    /** Every x becomes cap · tanh(x / cap), which is within ±cap; {@code cap} is above 0. */
    void softCap(Matrix matrix, float cap);

    /**
     * Row {@code rows}[0, i] of {@code target} += {@code weights}[0, i] · row i of {@code source}: what an expert made of its
     * tokens, back to these.
     *
     * @param source [count × width]
     * @param rows rows of the target, none twice, [1 × count]
     * @param weights [1 × count]
     * @param target [any × width]
     */
    void addRows(Matrix source, IntMatrix rows, Matrix weights, Matrix target);

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
