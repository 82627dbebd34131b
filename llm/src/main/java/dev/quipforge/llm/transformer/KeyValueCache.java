package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.AttentionInputs;
import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.config.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The keys and values of one text, block by block, so that each new token costs one pass. Not for several threads. */
public final class KeyValueCache implements AutoCloseable {

    private final ComputeBackend backend;
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
        this.backend = backend;
        this.capacity = capacity;
        this.workspace = backend.workspace();
        try (CloseOnFailure opened = new CloseOnFailure(workspace::close)) {
            for (BlockSpec block : config.architecture().blocks()) {
                keys.add(workspace.matrix(capacity, block.attention().keyWidth()));
                values.add(workspace.matrix(capacity, block.attention().valueWidth()));
            }
            opened.keep();
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

    /** The last {@code tokens} tokens of the text, in one block. */
    Positions last(int block, int tokens) {
        return new Last(keys.get(block).rows(0, length), values.get(block).rows(0, length), tokens);
    }

    /** Tokens that see all before them. */
    private final class Last implements Positions {

        private final Matrix allKeys;
        private final Matrix allValues;
        private final int tokens;

        private Last(Matrix allKeys, Matrix allValues, int tokens) {
            this.allKeys = allKeys;
            this.allValues = allValues;
            this.tokens = tokens;
        }

        @Override
        public int tokens() {
            return tokens;
        }

        @Override
        public int first() {
            return allKeys.rows() - tokens;
        }

        @Override
        public int length() {
            return capacity;
        }

        @Override
        public Matrix keys() {
            return allKeys.rows(first(), allKeys.rows());
        }

        @Override
        public Matrix values() {
            return allValues.rows(first(), allValues.rows());
        }

        @Override
        public void attend(AttentionGeometry geometry, Matrix query, @Nullable Matrix sinks, Matrix gathered) {
            AttentionInputs inputs = new AttentionInputs(query, allKeys, allValues, sinks);
            backend.transformer().causalAttention(geometry, inputs, 1, gathered);
        }
    }

    @Override
    public void close() {
        workspace.close();
    }
}
