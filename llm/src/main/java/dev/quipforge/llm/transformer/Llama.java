package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.config.ModelConfig;
import dev.quipforge.llm.model.Layout;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.weights.WeightLoader;
import java.util.ArrayList;
import java.util.List;

/**
 * A whole model in a backend's memory, dense or decoded from its codes. It may be used from several threads; close it to
 * free the weights.
 */
public final class Llama implements AutoCloseable {

    private final ComputeBackend backend;
    private final ModelConfig config;
    private final Workspace workspace;
    private final Matrix embedding;
    private final Matrix norm;
    private final Matrix head;
    private final List<DecoderBlock> blocks;

    private Llama(ComputeBackend backend, ModelDirectory model, Workspace workspace, List<DecoderBlock> blocks) {
        this.backend = backend;
        this.config = model.config();
        this.workspace = workspace;
        this.blocks = blocks;
        this.embedding = load(model, Layout.EMBEDDING);
        this.norm = load(model, Layout.FINAL_NORM);
        this.head = config.tiedEmbeddings() ? embedding : load(model, Layout.HEAD);
    }

    /** Loads all weights; {@code model} may be closed afterwards. */
    public static Llama load(ComputeBackend backend, ModelDirectory model, Progress progress) {
        int count = model.config().sizes().blocks();
        Workspace workspace = backend.workspace();
        List<DecoderBlock> blocks = new ArrayList<>();
        try {
            for (int block = 0; block < count; block++) {
                progress.update((double) block / count, "loading block " + block);
                blocks.add(DecoderBlock.load(backend, model, block));
            }
            Llama llama = new Llama(backend, model, workspace, blocks);
            progress.update(1, "loaded");
            return llama;
        } catch (RuntimeException e) {
            blocks.forEach(DecoderBlock::close);
            workspace.close();
            throw e;
        }
    }

    private Matrix load(ModelDirectory model, String tensor) {
        return WeightLoader.load(backend, workspace, model.weights().tensor(tensor));
    }

    /** What {@code config.json} says. */
    public ModelConfig config() {
        return config;
    }

    /** Where it computes. */
    public ComputeBackend backend() {
        return backend;
    }

    /**
     * The last hidden states of windows, normalized: what {@link #logits} takes.
     *
     * @param result owner of the result
     * @param windows token ids, windows of equal length, no more than fit into memory at once ({@link Batches})
     * @return [windows · length × hidden]
     */
    public Matrix hiddenStates(Workspace result, List<int[]> windows) {
        int length = windows.getFirst().length;
        int tokens = windows.size() * length;
        Matrix hidden = result.matrix(tokens, config.sizes().hidden());
        try (Workspace temporary = backend.workspace()) {
            Activations room = Activations.allocate(temporary, config, tokens);
            for (int i = 0; i < windows.size(); i++) {
                embed(temporary, windows.get(i), hidden.rows(i * length, (i + 1) * length));
            }
            for (DecoderBlock block : blocks) {
                block.forward(hidden, windows.size(), room, InputListener.NONE);
            }
            normalize(hidden, room.normed());
        }
        return hidden;
    }

    /**
     * The last hidden state after the next tokens of a text, normalized.
     *
     * @param result owner of the result
     * @param cache the text so far; the tokens are added to it
     * @param tokens the next tokens, at least one
     * @return [1 × hidden]
     */
    public Matrix advance(Workspace result, KeyValueCache cache, int... tokens) {
        int first = cache.length();
        int end = cache.extend(tokens.length);
        Matrix last = result.matrix(1, config.sizes().hidden());
        try (Workspace temporary = backend.workspace()) {
            Activations room = Activations.allocate(temporary, config, tokens.length);
            Matrix hidden = temporary.matrix(tokens.length, config.sizes().hidden());
            embed(temporary, tokens, hidden);
            for (int block = 0; block < blocks.size(); block++) {
                blocks.get(block).forward(hidden, room, cache.keys(block, end), cache.values(block, end));
            }
            normalize(hidden, room.normed());
            backend.dense().copy(hidden.rows(end - first - 1, end - first), last);
        }
        return last;
    }

    /**
     * The last hidden states after the next token of every text, normalized.
     *
     * @param result owner of the result
     * @param cache the texts so far; the tokens are added to them
     * @param tokens the next token of every text
     * @return [texts × hidden]
     */
    public Matrix advance(Workspace result, BatchCache cache, int... tokens) {
        if (tokens.length != cache.texts()) {
            throw new IllegalArgumentException(
                    "tokens: " + tokens.length + " (expected: " + cache.texts() + ", one a text)");
        }
        cache.extend();
        Matrix hidden = result.matrix(tokens.length, config.sizes().hidden());
        try (Workspace temporary = backend.workspace()) {
            Activations room = Activations.allocate(temporary, config, tokens.length);
            embed(temporary, tokens, hidden);
            for (int block = 0; block < blocks.size(); block++) {
                blocks.get(block).forward(hidden, block, room, cache);
            }
            normalize(hidden, room.normed());
        }
        return hidden;
    }

    private void embed(Workspace temporary, int[] tokens, Matrix hidden) {
        for (int token : tokens) {
            if (token < 0 || token >= config.sizes().vocabulary()) {
                throw new InvalidModelException(
                        "token", token + " (expected: 0 to " + (config.sizes().vocabulary() - 1) + ")");
            }
        }
        backend.transformer().embed(embedding, temporary.copyOf(1, tokens.length, tokens), hidden);
    }

    private void normalize(Matrix hidden, Matrix normed) {
        backend.transformer().rmsNorm(hidden, norm, config.normEpsilon(), normed);
        backend.dense().copy(normed, hidden);
    }

    /**
     * The logits of hidden states.
     *
     * @param result owner of the result
     * @param hidden [rows × hidden], of {@link #hiddenStates} or {@link #advance}
     * @return [rows × vocabulary]
     */
    public Matrix logits(Workspace result, Matrix hidden) {
        Matrix logits = result.matrix(hidden.rows(), config.sizes().vocabulary());
        backend.dense().project(hidden, List.of(head), List.of(logits));
        return logits;
    }

    @Override
    public void close() {
        blocks.forEach(DecoderBlock::close);
        workspace.close();
    }
}
