package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.architecture.AttentionSpec;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.FeedForwardSpec.Experts;
import dev.quipforge.llm.architecture.FeedForwardSpec.Gated;
import dev.quipforge.llm.architecture.NormSpec;
import dev.quipforge.llm.transformer.Activations.Slot;
import java.util.Optional;

/** What a decoder block computes ({@link BlockSpec}). Weights and buffers are passed in with every call. */
public final class BlockForward {

    private final ComputeBackend backend;
    private final Layers layers;
    private final RotaryTables tables;
    private final AttentionForward attention;

    /** The hidden state at three points of a block; all may be one matrix. */
    private record Residual(Matrix input, Matrix middle, Matrix result) {

        static Residual inPlace(Matrix hidden) {
            return new Residual(hidden, hidden, hidden);
        }
    }

    /**
     * For blocks of one model.
     *
     * @param backend where to compute
     * @param workspace owner of the frequencies of rotary embeddings
     */
    public BlockForward(ComputeBackend backend, Workspace workspace) {
        this.backend = backend;
        this.layers = new Layers(backend);
        this.tables = new RotaryTables(workspace);
        this.attention = new AttentionForward(backend, tables);
    }

    /**
     * Takes the hidden state through a block, in place.
     *
     * @param weights of the block
     * @param hidden [windows · length × hidden]
     * @param windows number of windows, all at position 0
     * @param buffers activations of as many tokens
     * @param listener sees the inputs of the linears
     */
    public void run(BlockWeights weights, Matrix hidden, int windows, Activations buffers, InputListener listener) {
        Positions positions = windows(weights, hidden.rows(), windows, buffers);
        run(weights, Residual.inPlace(hidden), positions, buffers, listener);
    }

    /**
     * Takes the {@link Activations#input} of {@code tape} through a block; the tape keeps all that {@link BlockBackward} needs.
     *
     * @param weights of the block
     * @param tokens number of tokens in all windows
     * @param windows number of windows, all at position 0
     * @param tape holds the input, receives the rest
     */
    public void run(BlockWeights weights, int tokens, int windows, Activations tape) {
        int hidden = weights.spec().attention().output().shape().outputs();
        Residual residual = new Residual(
                tape.input(tokens, hidden), tape.of(Slot.MIDDLE, tokens, hidden), tape.result(tokens, hidden));
        run(weights, residual, windows(weights, tokens, windows, tape), tape, InputListener.NONE);
    }

    private Positions windows(BlockWeights weights, int tokens, int windows, Activations buffers) {
        AttentionSpec spec = weights.spec().attention();
        return new WindowPositions(
                backend,
                windows,
                tokens / windows,
                buffers.of(Slot.KEY, tokens, spec.keyWidth()),
                buffers.of(Slot.VALUE, tokens, spec.valueWidth()));
    }

    /**
     * Takes the hidden state of the next tokens of texts through a block, in place.
     *
     * @param weights of the block
     * @param hidden [tokens × hidden]
     * @param positions where they stand
     * @param buffers activations of as many tokens
     */
    public void advance(BlockWeights weights, Matrix hidden, Positions positions, Activations buffers) {
        run(weights, Residual.inPlace(hidden), positions, buffers, InputListener.NONE);
    }

    private void run(
            BlockWeights weights, Residual hidden, Positions positions, Activations buffers, InputListener listener) {
        attention(weights, hidden, positions, buffers, listener);
        int tokens = hidden.input.rows();
        Matrix result = buffers.of(Slot.FEED_FORWARD_RESULT, tokens, hidden.input.columns());
        Matrix read = feedForwardRead(weights, hidden.middle, buffers);
        switch (weights.spec().feedForward()) {
            case Gated gated ->
                new GatedForward(backend)
                        .run(
                                weights,
                                gated,
                                read,
                                ExpertsForward.inner(buffers, tokens, gated.inner()),
                                result,
                                listener);
            case Experts experts -> new ExpertsForward(backend).run(weights, experts, read, buffers, result, listener);
        }
        Optional<NormSpec> after = weights.spec().norms().feedForwardResult();
        Matrix normed =
                after.isPresent() ? buffers.of(Slot.FEED_FORWARD_RESULT_NORMED, tokens, result.columns()) : result;
        after.ifPresent(norm -> layers.normalize(norm, weights.of(norm), result, normed));
        add(weights, hidden.middle, normed, hidden.result);
    }

    /**
     * Takes the hidden state through the attention of a block and its addition, in place.
     *
     * @param weights of the block
     * @param hidden [windows · length × hidden]
     * @param windows number of windows, all at position 0
     * @param buffers activations of as many tokens
     * @param listener sees the inputs of the linears
     */
    void runAttention(BlockWeights weights, Matrix hidden, int windows, Activations buffers, InputListener listener) {
        Positions positions = windows(weights, hidden.rows(), windows, buffers);
        attention(weights, Residual.inPlace(hidden), positions, buffers, listener);
    }

    /**
     * Takes the hidden state through the experts of a block, in place: expert by expert all tokens, however many there are.
     *
     * @param block has the weights
     * @param experts its feed-forward half
     * @param hidden after {@link #runAttention}, [tokens × hidden]
     * @param buffers activations of some tokens
     * @param listener sees the inputs of the linears
     */
    void runExperts(DecoderBlock block, Experts experts, Matrix hidden, Activations buffers, InputListener listener) {
        BlockWeights weights = block.weights();
        BlockSpec.Norms norms = weights.spec().norms();
        try (Workspace temporary = backend.workspace()) {
            Matrix read = temporary.matrix(hidden.rows(), hidden.columns());
            Matrix result = temporary.matrix(hidden.rows(), hidden.columns());
            norms.feedForward()
                    .ifPresentOrElse(
                            norm -> layers.normalize(norm, weights.of(norm), hidden, read),
                            () -> layers.copy(hidden, read));
            ExpertsForward.Tokens tokens = new ExpertsForward.Tokens(read, buffers, result);
            new ExpertsForward(backend).run(weights, block::lend, experts, tokens, listener);
            norms.feedForwardResult().ifPresent(norm -> layers.normalize(norm, weights.of(norm), result, result));
            add(weights, hidden, result, hidden);
        }
    }

    private void attention(
            BlockWeights weights, Residual hidden, Positions positions, Activations buffers, InputListener listener) {
        int tokens = hidden.input.rows();
        BlockSpec.Norms norms = weights.spec().norms();
        Matrix read = hidden.input;
        if (norms.attention().isPresent()) {
            NormSpec norm = norms.attention().get();
            read = buffers.of(Slot.ATTENTION_NORMED, tokens, hidden.input.columns());
            layers.normalize(norm, weights.of(norm), hidden.input, read);
        }
        Matrix result = attention.run(weights, read, positions, buffers, listener);
        Optional<NormSpec> after = norms.attentionResult();
        Matrix normed = after.isPresent() ? buffers.of(Slot.ATTENTION_RESULT_NORMED, tokens, result.columns()) : result;
        after.ifPresent(norm -> layers.normalize(norm, weights.of(norm), result, normed));
        add(weights, hidden.input, normed, hidden.middle);
    }

    /** What the feed-forward half reads. */
    private Matrix feedForwardRead(BlockWeights weights, Matrix middle, Activations buffers) {
        BlockSpec spec = weights.spec();
        if (spec.parallel()) {
            return buffers.of(Slot.ATTENTION_NORMED, middle.rows(), middle.columns());
        }
        if (spec.norms().feedForward().isEmpty()) {
            return middle;
        }
        NormSpec norm = spec.norms().feedForward().get();
        Matrix read = buffers.of(Slot.FEED_FORWARD_NORMED, middle.rows(), middle.columns());
        layers.normalize(norm, weights.of(norm), middle, read);
        return read;
    }

    private void add(BlockWeights weights, Matrix first, Matrix second, Matrix target) {
        layers.copy(first, target);
        backend.dense().add(weights.spec().residualMultiplier(), second, target);
    }

    /** The frequencies of rotary embeddings. */
    RotaryTables tables() {
        return tables;
    }
}
