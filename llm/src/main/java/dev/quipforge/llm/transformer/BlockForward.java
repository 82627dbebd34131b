package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.DenseOps;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.TransformerOps;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.config.ModelConfig;
import dev.quipforge.llm.model.Input;
import java.lang.foreign.Arena;
import java.util.List;

/**
 * What a decoder block of Llama computes: h += Wo · attention(norm(h)), then h += Wdown · (silu(Wgate · norm(h)) ∘ Wup ·
 * norm(h)). Weights and room are handed in with every call.
 */
public final class BlockForward {

    private final ComputeBackend backend;
    private final ModelConfig config;
    private final Matrix frequencies;

    /** The hidden state at three points of a block; all may be one matrix. */
    private record Residual(Matrix input, Matrix middle, Matrix result) {}

    /**
     * For blocks of one model.
     *
     * @param backend where to compute
     * @param workspace owner of the frequencies of the rotary embedding
     * @param config the model
     */
    public BlockForward(ComputeBackend backend, Workspace workspace, ModelConfig config) {
        this.backend = backend;
        this.config = config;
        float[] values = config.rotary().frequencies(config.heads().width());
        try (Arena arena = Arena.ofConfined()) {
            this.frequencies = workspace.copyOf(HostMatrix.of(arena, 1, values.length, values));
        }
    }

    /**
     * Takes the hidden state through a block, in place.
     *
     * @param weights of the block
     * @param hidden [windows · length × hidden]
     * @param windows number of windows, all at position 0
     * @param room activations of as many tokens
     * @param listener sees the inputs of the linears
     */
    public void run(BlockWeights weights, Matrix hidden, int windows, Activations room, InputListener listener) {
        run(weights, new Residual(hidden, hidden, hidden), windows, room, listener);
    }

    /**
     * Takes the hidden state of {@code tape} through a block; the tape keeps all that {@link BlockBackward} needs.
     *
     * @param weights of the block
     * @param windows number of windows, all at position 0
     * @param tape holds the input, receives the rest
     */
    public void run(BlockWeights weights, int windows, BlockTape tape) {
        Residual residual = new Residual(tape.input(), tape.middle(), tape.result());
        run(weights, residual, windows, tape.activations(), InputListener.NONE);
    }

    private void run(BlockWeights weights, Residual hidden, int windows, Activations room, InputListener listener) {
        int length = hidden.input.rows() / windows;
        project(weights, hidden.input, room, room.key(), room.value(), listener);
        rotate(room.query(), length, 0);
        rotate(room.key(), length, 0);
        transformer().causalAttention(geometry(), room.query(), room.key(), room.value(), windows, room.gathered());
        finish(weights, hidden, room, listener);
    }

    /**
     * Takes the hidden state of the next tokens of one text through a block, in place.
     *
     * @param weights of the block
     * @param hidden [tokens × hidden]
     * @param room activations of as many tokens
     * @param keys the keys of all tokens so far, the last rows to be filled
     * @param values the values likewise
     */
    void advance(BlockWeights weights, Matrix hidden, Activations room, Matrix keys, Matrix values) {
        int tokens = hidden.rows();
        int first = keys.rows() - tokens;
        Matrix newKeys = keys.rows(first, keys.rows());
        project(weights, hidden, room, newKeys, values.rows(first, values.rows()), InputListener.NONE);
        rotate(room.query(), tokens, first);
        rotate(newKeys, tokens, first);
        transformer().causalAttention(geometry(), room.query(), keys, values, 1, room.gathered());
        finish(weights, new Residual(hidden, hidden, hidden), room, InputListener.NONE);
    }

    /**
     * Takes the hidden state of the next token of several texts through a block, in place.
     *
     * @param weights of the block
     * @param block its index in the cache
     * @param hidden one token of every text, [texts × hidden]
     * @param room activations of as many tokens
     * @param cache all texts, with room for these tokens
     */
    void advance(BlockWeights weights, int block, Matrix hidden, Activations room, BatchCache cache) {
        int position = cache.length() - 1;
        Matrix newKeys = cache.lastKeys(block);
        project(weights, hidden, room, newKeys, cache.lastValues(block), InputListener.NONE);
        rotate(room.query(), 1, position);
        rotate(newKeys, 1, position);
        transformer()
                .causalAttention(
                        geometry(),
                        room.query(),
                        cache.keys(block),
                        cache.values(block),
                        cache.texts(),
                        room.gathered());
        finish(weights, new Residual(hidden, hidden, hidden), room, InputListener.NONE);
    }

    private void project(
            BlockWeights weights, Matrix input, Activations room, Matrix key, Matrix value, InputListener listener) {
        transformer().rmsNorm(input, weights.attentionNorm(), config.normEpsilon(), room.normed());
        listener.reads(Input.ATTENTION_IN, room.normed());
        dense().project(room.normed(), weights.linears(Input.ATTENTION_IN), List.of(room.query(), key, value));
    }

    private void rotate(Matrix heads, int window, int firstPosition) {
        transformer().rotate(heads, config.heads().width(), frequencies, window, firstPosition);
    }

    private void finish(BlockWeights weights, Residual hidden, Activations room, InputListener listener) {
        listener.reads(Input.ATTENTION_OUT, room.gathered());
        dense().project(room.gathered(), weights.linears(Input.ATTENTION_OUT), List.of(room.output()));
        sum(hidden.input, room.output(), hidden.middle);
        transformer().rmsNorm(hidden.middle, weights.mlpNorm(), config.normEpsilon(), room.mlpNormed());
        listener.reads(Input.MLP_IN, room.mlpNormed());
        dense().project(room.mlpNormed(), weights.linears(Input.MLP_IN), List.of(room.gate(), room.up()));
        copy(room.gate(), room.gated());
        transformer().swiGlu(room.gated(), room.up());
        listener.reads(Input.MLP_DOWN, room.gated());
        dense().project(room.gated(), weights.linears(Input.MLP_DOWN), List.of(room.output()));
        sum(hidden.middle, room.output(), hidden.result);
    }

    private void sum(Matrix first, Matrix second, Matrix target) {
        copy(first, target);
        dense().add(1, second, target);
    }

    private void copy(Matrix source, Matrix target) {
        if (!source.equals(target)) {
            dense().copy(source, target);
        }
    }

    /** Heads of the model's attention. */
    AttentionGeometry geometry() {
        ModelConfig.Heads heads = config.heads();
        return AttentionGeometry.of(heads.query(), heads.keyValue(), heads.width());
    }

    /** Inverse frequencies of the rotary embedding, [1 × width / 2]. */
    Matrix frequencies() {
        return frequencies;
    }

    private DenseOps dense() {
        return backend.dense();
    }

    private TransformerOps transformer() {
        return backend.transformer();
    }
}
