package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.llm.model.Input;

/** Sees what the linears of a block read. */
@FunctionalInterface
public interface InputListener {

    /** Does not look. */
    InputListener NONE = (input, activation) -> {};

    /**
     * The linears of {@code input} are about to read this.
     *
     * @param input which of the four inputs
     * @param activation [tokens × width]; valid only during the call, and not to be changed
     */
    void reads(Input input, Matrix activation);
}
