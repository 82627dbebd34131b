package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The buffers for what decoder blocks compute between their input and their output: matrices that are made when they are first asked
 * for and used again by every block and every batch. Of a pass whose way back is to follow, nothing overwrites what that needs.
 */
public final class Activations implements AutoCloseable {

    private final Workspace workspace;
    private final int capacity;
    private final boolean kept;
    private final Map<Key, Matrix> matrices = new HashMap<>();
    private @Nullable Routing routing;

    private record Key(Slot slot, int perToken, int width) {}

    /** What a matrix holds. */
    enum Slot {
        INPUT,
        MIDDLE,
        RESULT,
        ATTENTION_NORMED,
        COMPRESSED_QUERY,
        COMPRESSED_QUERY_NORMED(COMPRESSED_QUERY),
        COMPRESSED,
        COMPRESSED_NORMED,
        KEY_VALUE,
        QUERY,
        KEY,
        VALUE,
        UNNORMED_QUERY(QUERY),
        UNNORMED_KEY(KEY),
        GATHERED,
        ATTENTION_RESULT,
        ATTENTION_RESULT_NORMED(ATTENTION_RESULT),
        FEED_FORWARD_NORMED(ATTENTION_NORMED),
        GATE,
        UP,
        GATED(GATE),
        FEED_FORWARD_RESULT(ATTENTION_RESULT),
        FEED_FORWARD_RESULT_NORMED(ATTENTION_RESULT),
        ROUTER_SCORES,
        EXPERT_IN,
        EXPERT_GATE,
        EXPERT_UP,
        EXPERT_GATED(EXPERT_GATE),
        EXPERT_OUT,
        GATHERED_GRADIENT,
        QUERY_GRADIENT,
        KEY_GRADIENT,
        VALUE_GRADIENT,
        SINKS_GRADIENT,
        KEY_VALUE_GRADIENT,
        COMPRESSED_GRADIENT,
        RESULT_GRADIENT,
        READ_GRADIENT,
        EXPERT_GRADIENT;

        private final @Nullable Slot shared;

        Slot() {
            this.shared = null;
        }

        /** What may overwrite {@code shared} when no way back follows. */
        Slot(Slot shared) {
            this.shared = shared;
        }
    }

    private Activations(Workspace workspace, int tokens, boolean kept) {
        this.workspace = workspace;
        this.capacity = tokens;
        this.kept = kept;
    }

    /** As few buffers as possible, for passes of at most {@code tokens} tokens; every block of a pass uses the same. */
    public static Activations reused(Workspace workspace, int tokens) {
        return new Activations(workspace, tokens, false);
    }

    /** Buffers in which nothing overwrites what a backward pass needs; of one block at a time. */
    public static Activations kept(Workspace workspace, int tokens) {
        return new Activations(workspace, tokens, true);
    }

    /** Most tokens of a pass. */
    int capacity() {
        return capacity;
    }

    /** Whether everything is kept for a backward pass. */
    boolean isKept() {
        return kept;
    }

    /** Where the input of the next pass goes, [tokens × hidden]. */
    public Matrix input(int tokens, int hidden) {
        return of(Slot.INPUT, tokens, hidden);
    }

    /** What came out of the last pass, [tokens × hidden]. */
    public Matrix result(int tokens, int hidden) {
        return of(Slot.RESULT, tokens, hidden);
    }

    /** A matrix of a row a token. */
    Matrix of(Slot slot, int tokens, int width) {
        return of(slot, tokens, 1, width);
    }

    /** A matrix of {@code perToken} rows a token. */
    Matrix of(Slot slot, int tokens, int perToken, int width) {
        Slot own = kept || slot.shared == null ? slot : slot.shared;
        Matrix whole = matrices.computeIfAbsent(
                new Key(own, perToken, width), key -> workspace.matrix(capacity * perToken, width));
        return whole.rows(0, tokens * perToken);
    }

    /** Keeps where the tokens of the pass went; what was kept before is closed. */
    void keep(Routing chosen) {
        close();
        routing = chosen;
    }

    /** Where the tokens of the pass went. */
    Routing routing() {
        if (routing == null) {
            throw new IllegalStateException("routing: none (expected: a pass through experts before)");
        }
        return routing;
    }

    /** Frees what is kept beside the matrices, which are the workspace's. */
    @Override
    public void close() {
        if (routing != null) {
            routing.close();
            routing = null;
        }
    }
}
