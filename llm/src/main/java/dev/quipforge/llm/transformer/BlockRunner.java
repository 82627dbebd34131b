package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.model.Layout;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.weights.WeightLoader;
import java.util.List;

/**
 * Runs windows through a whole model with the weights of only one block in memory at a time: the hidden states of all
 * windows go through block 0, then through block 1, and so on.
 */
public final class BlockRunner implements AutoCloseable {

    private final ComputeBackend backend;
    private final ModelDirectory model;
    private final int length;
    private final Workspace workspace;
    private final Matrix hidden;
    private final Activations room;

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
        try {
            this.hidden = embed(windows);
            int batch = Math.min(windows.size(), Batches.windows(length));
            this.room = Activations.allocate(workspace, model.config(), batch * length);
        } catch (RuntimeException e) {
            workspace.close();
            throw e;
        }
    }

    private Matrix embed(List<int[]> windows) {
        Matrix states =
                workspace.matrix(windows.size() * length, model.config().sizes().hidden());
        try (Workspace temporary = backend.workspace()) {
            Matrix table = WeightLoader.load(backend, temporary, model.weights().tensor(Layout.EMBEDDING));
            for (int i = 0; i < windows.size(); i++) {
                IntMatrix tokens = temporary.copyOf(1, length, windows.get(i));
                backend.transformer().embed(table, tokens, states.rows(i * length, (i + 1) * length));
            }
        }
        return states;
    }

    /** Takes all windows through {@code block}, whose turn it must be; the listener sees every batch. */
    public void run(int block, InputListener listener, Progress progress) {
        try (DecoderBlock weights = DecoderBlock.load(backend, model, block)) {
            for (int from = 0; from < hidden.rows(); from += room.tokens()) {
                progress.update((double) from / hidden.rows(), "block " + block);
                int to = Math.min(hidden.rows(), from + room.tokens());
                weights.forward(hidden.rows(from, to), (to - from) / length, room.rows(to - from), listener);
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
