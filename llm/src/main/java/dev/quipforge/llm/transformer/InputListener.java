package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.llm.architecture.InputSpec;

/** Sees what the linears of a block read. */
@FunctionalInterface
public interface InputListener {

    /** Does not look. */
    InputListener NONE = (input, activation) -> {};

    /**
     * The linears of {@code input} are about to read this.
     *
     * @param input which of the block's inputs
     * @param activation [tokens × width]; valid only during the call, and not to be changed
     */
    void reads(InputSpec input, Matrix activation);

    /**
     * Nothing more is read of {@code input} in this block. Of an expert it may be said long before the other experts have begun;
     * of one that no token went to nothing was read at all.
     */
    default void complete(InputSpec input) {}
}
