package dev.quipforge.engine.compute;

/**
 * What a server computes for the next tokens of many texts. Positions, rows and lengths stand in memory of the backend, so that
 * a step can be recorded once and replayed. Every row of a result is computed by itself, by an arithmetic that neither the number
 * of rows nor what stands in the others decides: a text gets the same tokens alone and among others.
 */
public interface DecodeOps {

    /**
     * {@code output} = {@code input} · {@code weight}ᵀ, shapes [t × k] · [n × k]ᵀ → [t × n], row by row; made for few rows.
     *
     * @param input x
     * @param weight W
     * @param output receives the product; not {@code input}
     */
    void project(Matrix input, Matrix weight, Matrix output);

    /**
     * {@link TransformerOps#rotate} with a position for every row.
     *
     * @param heads [tokens × (count · headWidth)], in place
     * @param geometry which columns turn, and in which pairs
     * @param frequencies inverse frequencies, one a pair, [1 × width / 2]
     * @param positions of the rows, [1 × tokens]
     */
    void rotate(Matrix heads, RotaryGeometry geometry, Matrix frequencies, IntMatrix positions);

    /**
     * Row {@code rows}[0, i] of {@code target} = row i of {@code source}: new keys and values on their way into pages.
     *
     * @param source [count × width]
     * @param rows rows of the target, none twice, [1 × count]; a negative one drops the row of the source
     * @param target [any × width]
     */
    void putRows(Matrix source, IntMatrix rows, Matrix target);

    /**
     * Causal softmax attention over a cache in pages.
     *
     * @param geometry head counts and widths, and what a query sees
     * @param inputs queries, cache, and which query sees what of it
     * @param output [rows × heads · valueWidth]
     */
    void attend(AttentionGeometry geometry, PagedInputs inputs, Matrix output);
}
