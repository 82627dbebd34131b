package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.FeedForwardSpec.Experts;
import dev.quipforge.llm.architecture.FeedForwardSpec.Gated;
import dev.quipforge.llm.architecture.NormSpec;
import dev.quipforge.llm.transformer.Activations.Slot;
import java.util.Optional;

/** The backward pass of {@link BlockForward}, from its end to its beginning. */
public final class BlockBackward {

    private final ComputeBackend backend;
    private final BlockForward forward;

    /**
     * The backward pass of {@code forward}.
     *
     * @param backend where to compute
     * @param forward the forward pass
     */
    public BlockBackward(ComputeBackend backend, BlockForward forward) {
        this.backend = backend;
        this.forward = forward;
    }

    /**
     * Takes a gradient back through a block.
     *
     * @param weights as in the forward pass
     * @param gradients those with respect to the weights that are trained are added here
     * @param windows as in the forward pass
     * @param tape as the forward pass left it; overwritten
     * @param gradient with respect to the block's result; becomes that with respect to its input, [tokens × hidden]
     */
    public void run(BlockWeights weights, BlockWeights gradients, int windows, Activations tape, Matrix gradient) {
        new Pass(new LayersBackward(backend, weights, gradients), windows, tape, gradient).run();
    }

    /** One pass. */
    private final class Pass {

        private final LayersBackward layers;
        private final BlockSpec spec;
        private final int windows;
        private final Activations tape;
        private final Matrix gradient;

        Pass(LayersBackward layers, int windows, Activations tape, Matrix gradient) {
            this.layers = layers;
            this.spec = layers.weights().spec();
            this.windows = windows;
            this.tape = tape;
            this.gradient = gradient;
        }

        void run() {
            if (spec.parallel()) {
                parallel();
                return;
            }
            Matrix middle = of(Slot.MIDDLE);
            Matrix read = spec.norms().feedForward().isPresent() ? of(Slot.FEED_FORWARD_NORMED) : middle;
            feedForward(read, resultGradient(spec.norms().feedForwardResult(), Slot.FEED_FORWARD_RESULT), read);
            add(spec.norms().feedForward(), middle, read);
            Matrix input = of(Slot.INPUT);
            Matrix attentionRead = spec.norms().attention().isPresent() ? of(Slot.ATTENTION_NORMED) : input;
            attention(
                    attentionRead,
                    resultGradient(spec.norms().attentionResult(), Slot.ATTENTION_RESULT),
                    attentionRead);
            add(spec.norms().attention(), input, attentionRead);
        }

        /** Both halves read the same, and both results are added to the input. */
        private void parallel() {
            Matrix read = of(Slot.ATTENTION_NORMED);
            Matrix ofFeedForward = of(Slot.READ_GRADIENT);
            feedForward(
                    read, resultGradient(spec.norms().feedForwardResult(), Slot.FEED_FORWARD_RESULT), ofFeedForward);
            attention(read, resultGradient(spec.norms().attentionResult(), Slot.ATTENTION_RESULT), read);
            backend.dense().add(1, ofFeedForward, read);
            add(spec.norms().attention(), of(Slot.INPUT), read);
        }

        private Matrix of(Slot slot) {
            return tape.of(slot, gradient.rows(), gradient.columns());
        }

        /** The gradient with respect to what a half computes, before its norm and the multiplier. */
        private Matrix resultGradient(Optional<NormSpec> norm, Slot result) {
            if (norm.isEmpty() && spec.residualMultiplier() == 1) {
                return gradient;
            }
            Matrix own = of(Slot.RESULT_GRADIENT);
            backend.dense().copy(gradient, own);
            if (spec.residualMultiplier() != 1) {
                backend.dense().scale(own, spec.residualMultiplier());
            }
            norm.ifPresent(after -> layers.norm(after, of(result), own, own));
            return own;
        }

        private void feedForward(Matrix read, Matrix resultGradient, Matrix readGradient) {
            switch (spec.feedForward()) {
                case Gated gated ->
                    new GatedBackward(layers)
                            .run(
                                    gated,
                                    read,
                                    ExpertsForward.inner(tape, gradient.rows(), gated.inner()),
                                    resultGradient,
                                    readGradient);
                case Experts experts -> new ExpertsBackward(layers).run(experts, read, tape, resultGradient);
            }
        }

        private void attention(Matrix read, Matrix resultGradient, Matrix readGradient) {
            new AttentionBackward(layers, forward.tables(), tape, windows).run(read, resultGradient, readGradient);
        }

        /** Adds what came back through a half, whose norm had that input. */
        private void add(Optional<NormSpec> norm, Matrix input, Matrix readGradient) {
            norm.ifPresent(before -> layers.norm(before, input, readGradient, readGradient));
            backend.dense().add(1, readGradient, gradient);
        }
    }
}
