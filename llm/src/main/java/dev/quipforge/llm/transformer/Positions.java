package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.Matrix;
import org.jspecify.annotations.Nullable;

/** Where the tokens of a pass stand in their texts, and which keys and values they see. */
interface Positions {

    /** Tokens of each text in this pass; texts stand below each other. */
    int tokens();

    /** The position of the first of them. */
    int first();

    /** Tokens that a text will have in the end, as far as is known. */
    int length();

    /** Where the keys of these tokens go. */
    Matrix keys();

    /** Where their values go. */
    Matrix values();

    /**
     * Attends, once keys and values are there.
     *
     * @param query of these tokens
     * @param sinks one more score of every head; null for none
     * @param gathered receives what is gathered
     */
    void attend(AttentionGeometry geometry, Matrix query, @Nullable Matrix sinks, Matrix gathered);
}
