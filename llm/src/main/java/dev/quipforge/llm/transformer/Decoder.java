package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.config.ModelConfig;
import dev.quipforge.llm.model.ModelDirectory;
import java.util.ArrayList;
import java.util.List;

/**
 * A whole decoder-only model in a backend's memory, dense or decoded from its codes. It may be used from several threads; close it to
 * free the weights.
 */
public final class Decoder implements AutoCloseable {

    private final ComputeBackend backend;
    private final ModelConfig config;
    private final Workspace workspace;
    private final EmbeddingForward embedding;
    private final HeadForward head;
    private final BlockForward forward;
    private final List<DecoderBlock> blocks;

    private Decoder(ComputeBackend backend, ModelDirectory model, Workspace workspace, List<DecoderBlock> blocks) {
        this.backend = backend;
        this.config = model.config();
        this.workspace = workspace;
        this.blocks = blocks;
        this.embedding = EmbeddingForward.load(backend, workspace, model);
        this.head = HeadForward.load(backend, workspace, model, embedding.table());
        this.forward = new BlockForward(backend, workspace);
    }

    /** Loads all weights; {@code model} may be closed afterwards. */
    public static Decoder load(ComputeBackend backend, ModelDirectory model, Progress progress) {
        int count = model.config().blocks();
        Workspace workspace = backend.workspace();
        List<DecoderBlock> blocks = new ArrayList<>();
        try (CloseOnFailure opened = new CloseOnFailure(() -> {
            blocks.forEach(DecoderBlock::close);
            workspace.close();
        })) {
            for (int block = 0; block < count; block++) {
                progress.update((double) block / count, "loading block " + block);
                blocks.add(DecoderBlock.load(backend, model, block));
            }
            Decoder decoder = new Decoder(backend, model, workspace, blocks);
            progress.update(1, "loaded");
            return opened.keep(decoder);
        }
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
        Matrix hidden = result.matrix(tokens, config.hidden());
        try (Workspace temporary = backend.workspace()) {
            Activations buffers = Activations.reused(temporary, tokens);
            embedding.run(windows, hidden);
            for (DecoderBlock block : blocks) {
                forward.run(block.weights(), hidden, windows.size(), buffers, InputListener.NONE);
            }
            head.normalize(hidden, hidden);
        }
        return hidden;
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
        Matrix hidden = result.matrix(tokens.length, config.hidden());
        try (Workspace temporary = backend.workspace()) {
            Activations buffers = Activations.reused(temporary, tokens.length);
            embedding.run(tokens, hidden);
            for (int block = 0; block < blocks.size(); block++) {
                forward.advance(blocks.get(block).weights(), hidden, cache.last(block), buffers);
            }
            head.normalize(hidden, hidden);
        }
        return hidden;
    }

    /**
     * The logits of hidden states.
     *
     * @param result owner of the result
     * @param hidden [rows × hidden], of {@link #hiddenStates} or {@link #advance}
     * @return [rows × vocabulary]
     */
    public Matrix logits(Workspace result, Matrix hidden) {
        Matrix logits = result.matrix(hidden.rows(), config.vocabulary());
        head.logits(hidden, logits);
        return logits;
    }

    @Override
    public void close() {
        blocks.forEach(DecoderBlock::close);
        workspace.close();
    }
}
