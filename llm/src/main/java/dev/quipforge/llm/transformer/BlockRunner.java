package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.architecture.FeedForwardSpec;
import dev.quipforge.llm.architecture.FeedForwardSpec.Experts;
import dev.quipforge.llm.architecture.FeedForwardSpec.Gated;
import dev.quipforge.llm.model.ModelDirectory;
import java.util.List;

/**
 * Runs windows through a whole model with the weights of only one block in memory at a time, and of only one of its experts: the
 * hidden states of all windows go through block 0, then through block 1, and so on.
 */
public final class BlockRunner implements AutoCloseable {

    private final ComputeBackend backend;
    private final ModelDirectory model;
    private final int length;
    private final Workspace workspace;
    private final Matrix hidden;
    private final Activations buffers;
    private final BlockForward forward;

    /**
     * Embeds the windows.
     *
     * @param backend where to compute
     * @param model the model
     * @param windows token ids, windows of equal length
     */
    public BlockRunner(ComputeBackend backend, ModelDirectory model, List<int[]> windows) {
        this.backend = backend;
        this.model = model;
        this.length = windows.getFirst().length;
        this.workspace = backend.workspace();
        try (CloseOnFailure opened = new CloseOnFailure(workspace::close)) {
            this.hidden = embed(windows);
            int batch = Math.min(windows.size(), Batches.windows(length));
            this.buffers = Activations.reused(workspace, batch * length);
            this.forward = new BlockForward(backend, workspace);
            opened.keep();
        }
    }

    private Matrix embed(List<int[]> windows) {
        Matrix states = workspace.matrix(windows.size() * length, model.config().hidden());
        try (Workspace temporary = backend.workspace()) {
            EmbeddingForward.load(backend, temporary, model).run(windows, states);
        }
        return states;
    }

    /**
     * Takes all windows through {@code block}, whose turn it must be; the listener sees every batch. Through experts go all
     * tokens of one after the other, so that of an expert all is seen at once.
     */
    public void run(int block, InputListener listener, Progress progress) {
        try (DecoderBlock loaded = DecoderBlock.loadWithoutExperts(backend, model, block)) {
            BlockWeights weights = loaded.weights();
            FeedForwardSpec feedForward = weights.spec().feedForward();
            for (int from = 0; from < hidden.rows(); from += buffers.capacity()) {
                progress.update((double) from / hidden.rows(), "block " + block);
                int to = Math.min(hidden.rows(), from + buffers.capacity());
                Matrix batch = hidden.rows(from, to);
                int windows = (to - from) / length;
                switch (feedForward) {
                    case Gated _ -> forward.run(weights, batch, windows, buffers, listener);
                    case Experts _ -> forward.runAttention(weights, batch, windows, buffers, listener);
                }
            }
            weights.spec().attention().inputs().forEach(listener::complete);
            switch (feedForward) {
                case Gated gated -> gated.inputs().forEach(listener::complete);
                case Experts experts -> forward.runExperts(loaded, experts, hidden, buffers, listener);
            }
        }
        progress.update(1, "block " + block);
    }

    /** The hidden states of all windows where they are now, [windows · length × hidden]; valid until {@link #close}. */
    public Matrix hidden() {
        return hidden;
    }

    /** Number of tokens in all windows. */
    public int tokens() {
        return hidden.rows();
    }

    @Override
    public void close() {
        workspace.close();
    }
}
