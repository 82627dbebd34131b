package dev.quipforge.llm.transformer;

import static java.util.Objects.requireNonNull;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.AttentionInputs;
import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.RotaryGeometry;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.architecture.AttentionSpec;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.config.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The keys and values of several texts of equal length that grow together, one token a step. A row holds those of one position
 * of all texts, side by side, so that a step writes one row; attention reads them text after text. Not for several threads.
 */
public final class BatchCache implements AutoCloseable {

    private final int texts;
    private final int capacity;
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
        this.backend = backend;
        this.workspace = backend.workspace();
        try (CloseOnFailure opened = new CloseOnFailure(workspace::close)) {
            List<BlockSpec> blocks = config.architecture().blocks();
            keysByText = workspace.matrix(1, floats(blocks, AttentionSpec::keyWidth));
            valuesByText = workspace.matrix(1, floats(blocks, AttentionSpec::valueWidth));
            for (BlockSpec block : blocks) {
                keys.add(workspace.matrix(capacity, texts * block.attention().keyWidth()));
                values.add(workspace.matrix(capacity, texts * block.attention().valueWidth()));
            }
            opened.keep();
        }
    }

    /** Of all texts in the block that has the widest. */
    private int floats(List<BlockSpec> blocks, ToIntFunction<AttentionSpec> width) {
        int widest =
                blocks.stream().map(BlockSpec::attention).mapToInt(width).max().orElse(0);
        return Math.multiplyExact(Math.multiplyExact(texts, capacity), widest);
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

    /** The last token of every text, in one block. */
    Positions last(int block) {
        return new Last(keys.get(block), values.get(block));
    }

    private Matrix last(Matrix all) {
        return all.rows(length - 1, length).reshape(texts, all.columns() / texts);
    }

    private Matrix byText(Matrix byPosition, Matrix buffer) {
        int width = byPosition.columns() / texts;
        Matrix found = buffer.columns(0, texts * length * width).reshape(texts * length, width);
        IntMatrix rows = requireNonNull(rowsByText, "no token yet");
        backend.transformer().embed(byPosition.reshape(capacity * texts, width), rows, found);
        return found;
    }

    /** One token of every text, which sees all before it. */
    private final class Last implements Positions {

        private final Matrix allKeys;
        private final Matrix allValues;

        private Last(Matrix allKeys, Matrix allValues) {
            this.allKeys = allKeys;
            this.allValues = allValues;
        }

        @Override
        public int length() {
            return capacity;
        }

        @Override
        public Matrix keys() {
            return last(allKeys);
        }

        @Override
        public Matrix values() {
            return last(allValues);
        }

        @Override
        public void rotate(Matrix heads, RotaryGeometry geometry, Matrix frequencies) {
            backend.transformer().rotate(heads, geometry, frequencies, 1, length - 1);
        }

        @Override
        public void attend(AttentionGeometry geometry, Matrix query, @Nullable Matrix sinks, Matrix gathered) {
            AttentionInputs inputs =
                    new AttentionInputs(query, byText(allKeys, keysByText), byText(allValues, valuesByText), sinks);
            backend.transformer().causalAttention(geometry, inputs, texts, gathered);
        }
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
