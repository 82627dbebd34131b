package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.RotaryGeometry;
import org.jspecify.annotations.Nullable;

/** Where the tokens of a pass stand in their texts, and which keys and values they see, in one block. */
public interface Positions {

    /** Tokens that a text will have in the end, as far as is known. */
    int length();

    /** Where the keys of these tokens go. */
    Matrix keys();

    /** Where their values go. */
    Matrix values();

    /**
     * Turns heads of these tokens by their positions, in place.
     *
     * @param heads [tokens × (count · headWidth)]
     * @param geometry which columns turn
     * @param frequencies inverse frequencies, [1 × pairs]
     */
    void rotate(Matrix heads, RotaryGeometry geometry, Matrix frequencies);

    /**
     * Attends, once keys and values are there.
     *
     * @param query of these tokens
     * @param sinks one more score of every head; null for none
     * @param gathered receives what is gathered
     */
    void attend(AttentionGeometry geometry, Matrix query, @Nullable Matrix sinks, Matrix gathered);
}
