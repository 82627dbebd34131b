package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.config.ModelConfig;
import java.util.ArrayList;
import java.util.List;

/** The keys and values of one text, block by block, so that each new token costs one pass. Not for several threads. */
public final class KeyValueCache implements AutoCloseable {

    private final int capacity;
    private final Workspace workspace;
    private final List<Matrix> keys = new ArrayList<>();
    private final List<Matrix> values = new ArrayList<>();
    private int length;

    /**
     * An empty cache.
     *
     * @param backend the backend of the model
     * @param config the model
     * @param capacity most tokens of the text
     */
    public KeyValueCache(ComputeBackend backend, ModelConfig config, int capacity) {
        this.capacity = capacity;
        this.workspace = backend.workspace();
        try {
            for (int block = 0; block < config.sizes().blocks(); block++) {
                keys.add(workspace.matrix(capacity, config.heads().keyValueWidth()));
                values.add(workspace.matrix(capacity, config.heads().keyValueWidth()));
            }
        } catch (RuntimeException e) {
            workspace.close();
            throw e;
        }
    }

    /** Tokens of the text so far. */
    public int length() {
        return length;
    }

    /** Makes room for {@code tokens} more; returns the new length. */
    int extend(int tokens) {
        if (tokens < 1 || tokens > capacity - length) {
            throw new IllegalArgumentException(
                    "tokens: " + tokens + " (expected: 1 to " + (capacity - length) + " more)");
        }
        length += tokens;
        return length;
    }

    Matrix keys(int block, int end) {
        return keys.get(block).rows(0, end);
    }

    Matrix values(int block, int end) {
        return values.get(block).rows(0, end);
    }

    @Override
    public void close() {
        workspace.close();
    }
}
