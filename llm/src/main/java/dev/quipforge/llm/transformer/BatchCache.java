package dev.quipforge.llm.transformer;

import static java.util.Objects.requireNonNull;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.config.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys and values of several texts of equal length that grow together, one token a step. A row holds those of one position
 * of all texts, side by side, so that a step writes one row; attention reads them text after text. Not for several threads.
 */
public final class BatchCache implements AutoCloseable {

    private final int texts;
    private final int capacity;
    private final int width;
    private final Workspace workspace;
    private final List<Matrix> keys = new ArrayList<>();
    private final List<Matrix> values = new ArrayList<>();
    private final Matrix keysByText;
    private final Matrix valuesByText;
    private final ComputeBackend backend;
    private @Nullable Workspace step;
    private @Nullable IntMatrix rowsByText;
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
        this.backend = backend;
        this.workspace = backend.workspace();
        try {
            keysByText = workspace.matrix(texts * capacity, width);
            valuesByText = workspace.matrix(texts * capacity, width);
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
        length++;
        int[] rows = new int[texts * length];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = i % length * texts + i / length;
        }
        closeStep();
        Workspace opened = backend.workspace();
        step = opened;
        rowsByText = opened.copyOf(1, rows.length, rows);
        return length - 1;
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

    /** All keys of a block, text after text, [texts · length × width]; until the next call. */
    Matrix keys(int block) {
        return byText(keys.get(block), keysByText);
    }

    /** All values of a block likewise. */
    Matrix values(int block) {
        return byText(values.get(block), valuesByText);
    }

    private Matrix byText(Matrix byPosition, Matrix byText) {
        Matrix found = byText.rows(0, texts * length);
        IntMatrix rows = requireNonNull(rowsByText, "no token yet");
        backend.transformer().embed(byPosition.reshape(capacity * texts, width), rows, found);
        return found;
    }

    private void closeStep() {
        if (step != null) {
            step.close();
        }
    }

    @Override
    public void close() {
        closeStep();
        workspace.close();
    }
}
