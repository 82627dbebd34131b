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
import dev.quipforge.llm.model.Layout;
import dev.quipforge.llm.model.LinearGroup;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.weights.LinearWeights;
import dev.quipforge.llm.weights.WeightLoader;
import java.lang.foreign.Arena;
import java.util.List;

/**
 * One decoder block of Llama: h += Wo · attention(norm(h)), then h += Wdown · (silu(Wgate · norm(h)) ∘ Wup · norm(h)). It
 * owns its weights; close it to free them.
 */
final class DecoderBlock implements AutoCloseable {

    private final ComputeBackend backend;
    private final ModelConfig config;
    private final Workspace workspace;
    private final Matrix frequencies;
    private final Matrix attentionNorm;
    private final Matrix mlpNorm;
    private final List<Matrix> queryKeyValue;
    private final List<Matrix> attentionOut;
    private final List<Matrix> gateAndUp;
    private final List<Matrix> down;

    private DecoderBlock(ComputeBackend backend, ModelDirectory model, int block, Workspace workspace) {
        this.backend = backend;
        this.config = model.config();
        this.workspace = workspace;
        this.frequencies = frequencies();
        this.attentionNorm = load(model, Layout.attentionNorm(block));
        this.mlpNorm = load(model, Layout.mlpNorm(block));
        this.queryKeyValue = linears(model, LinearGroup.of(block, Input.ATTENTION_IN));
        this.attentionOut = linears(model, LinearGroup.of(block, Input.ATTENTION_OUT));
        this.gateAndUp = linears(model, LinearGroup.of(block, Input.MLP_IN));
        this.down = linears(model, LinearGroup.of(block, Input.MLP_DOWN));
    }

    /** Loads the weights of one block, decoded where they are quantized. */
    static DecoderBlock load(ComputeBackend backend, ModelDirectory model, int block) {
        Workspace workspace = backend.workspace();
        try {
            return new DecoderBlock(backend, model, block, workspace);
        } catch (RuntimeException e) {
            workspace.close();
            throw e;
        }
    }

    private List<Matrix> linears(ModelDirectory model, LinearGroup group) {
        return group.linears().stream()
                .map(linear -> LinearWeights.load(backend, workspace, model, linear))
                .toList();
    }

    private Matrix frequencies() {
        float[] values = config.rotary().frequencies(config.heads().width());
        try (Arena arena = Arena.ofConfined()) {
            return workspace.copyOf(HostMatrix.of(arena, 1, values.length, values));
        }
    }

    private Matrix load(ModelDirectory model, String tensor) {
        return WeightLoader.load(backend, workspace, model.weights().tensor(tensor));
    }

    /**
     * Takes the hidden state through this block, in place.
     *
     * @param hidden [windows · length × hidden]
     * @param windows number of windows, all at position 0
     * @param room activations of as many tokens
     * @param listener sees the inputs of the linears
     */
    void forward(Matrix hidden, int windows, Activations room, InputListener listener) {
        int length = hidden.rows() / windows;
        project(hidden, room, room.key(), room.value(), listener);
        rotate(room.query(), length, 0);
        rotate(room.key(), length, 0);
        transformer().causalAttention(geometry(), room.query(), room.key(), room.value(), windows, room.gathered());
        finish(hidden, room, listener);
    }

    /**
     * Takes the hidden state of the next tokens of one text through this block, in place.
     *
     * @param hidden [tokens × hidden]
     * @param room activations of as many tokens
     * @param keys the keys of all tokens so far, the last rows to be filled
     * @param values the values likewise
     */
    void forward(Matrix hidden, Activations room, Matrix keys, Matrix values) {
        int tokens = hidden.rows();
        int first = keys.rows() - tokens;
        Matrix newKeys = keys.rows(first, keys.rows());
        project(hidden, room, newKeys, values.rows(first, values.rows()), InputListener.NONE);
        rotate(room.query(), tokens, first);
        rotate(newKeys, tokens, first);
        transformer().causalAttention(geometry(), room.query(), keys, values, 1, room.gathered());
        finish(hidden, room, InputListener.NONE);
    }

    private void project(Matrix hidden, Activations room, Matrix key, Matrix value, InputListener listener) {
        transformer().rmsNorm(hidden, attentionNorm, config.normEpsilon(), room.normed());
        listener.reads(Input.ATTENTION_IN, room.normed());
        dense().project(room.normed(), queryKeyValue, List.of(room.query(), key, value));
    }

    private void rotate(Matrix heads, int window, int firstPosition) {
        transformer().rotate(heads, config.heads().width(), frequencies, window, firstPosition);
    }

    private void finish(Matrix hidden, Activations room, InputListener listener) {
        listener.reads(Input.ATTENTION_OUT, room.gathered());
        dense().project(room.gathered(), attentionOut, List.of(room.output()));
        dense().add(1, room.output(), hidden);
        transformer().rmsNorm(hidden, mlpNorm, config.normEpsilon(), room.normed());
        listener.reads(Input.MLP_IN, room.normed());
        dense().project(room.normed(), gateAndUp, List.of(room.gate(), room.up()));
        transformer().swiGlu(room.gate(), room.up());
        listener.reads(Input.MLP_DOWN, room.gate());
        dense().project(room.gate(), down, List.of(room.output()));
        dense().add(1, room.output(), hidden);
    }

    private AttentionGeometry geometry() {
        ModelConfig.Heads heads = config.heads();
        return AttentionGeometry.of(heads.query(), heads.keyValue(), heads.width());
    }

    private DenseOps dense() {
        return backend.dense();
    }

    private TransformerOps transformer() {
        return backend.transformer();
    }

    @Override
    public void close() {
        workspace.close();
    }
}
