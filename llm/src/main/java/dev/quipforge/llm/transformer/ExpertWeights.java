package dev.quipforge.llm.transformer;

import dev.quipforge.llm.architecture.FeedForwardSpec.Gated;
import java.util.function.Consumer;

/** Lends the weights of experts, each for as long as tokens go through it. */
@FunctionalInterface
interface ExpertWeights {

    /**
     * Does {@code work} with the weights of one expert, and the biases and the router of its block.
     *
     * @param expert which
     * @param work must not keep them
     */
    void lend(Gated expert, Consumer<BlockWeights> work);
}
