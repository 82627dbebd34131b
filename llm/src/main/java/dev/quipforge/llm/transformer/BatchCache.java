package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.config.ModelConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys and values of several texts of equal length that grow together, one token a step. A row holds those of one position
 * of all texts, side by side, so that a step writes one row. Not for several threads.
 */
public final class BatchCache implements AutoCloseable {

    private final int texts;
    private final int capacity;
    private final int width;
    private final Workspace workspace;
    private final List<Matrix> keys = new ArrayList<>();
    private final List<Matrix> values = new ArrayList<>();
    private int length;

    /**
     * An empty cache.
     *
     * @param backend the backend of the model
     * @param config the model
     * @param texts how many
     * @param capacity most tokens of each
     */
    public BatchCache(ComputeBackend backend, ModelConfig config, int texts, int capacity) {
        this.texts = texts;
        this.capacity = capacity;
        this.width = config.heads().keyValueWidth();
        this.workspace = backend.workspace();
        try {
            for (int block = 0; block < config.sizes().blocks(); block++) {
                keys.add(workspace.matrix(capacity, texts * width));
                values.add(workspace.matrix(capacity, texts * width));
            }
        } catch (RuntimeException e) {
            workspace.close();
            throw e;
        }
    }

    /** Number of texts. */
    public int texts() {
        return texts;
    }

    /** Tokens of each text so far. */
    public int length() {
        return length;
    }

    /** Makes room for one more token of each text; returns its position. */
    int extend() {
        if (length == capacity) {
            throw new IllegalArgumentException("tokens: one more than the " + capacity + " there is room for");
        }
        return length++;
    }

    /** Where the keys of the last position of all texts go, [texts × width]. */
    Matrix lastKeys(int block) {
        return last(keys.get(block));
    }

    /** Where the values go likewise. */
    Matrix lastValues(int block) {
        return last(values.get(block));
    }

    private Matrix last(Matrix all) {
        return all.rows(length - 1, length).reshape(texts, width);
    }

    /** All keys of one text, [length × width]. */
    Matrix keys(int block, int text) {
        return of(keys.get(block), text);
    }

    /** All values of one text likewise. */
    Matrix values(int block, int text) {
        return of(values.get(block), text);
    }

    private Matrix of(Matrix all, int text) {
        return all.rows(0, length).columns(text * width, (text + 1) * width);
    }

    @Override
    public void close() {
        workspace.close();
    }
}
