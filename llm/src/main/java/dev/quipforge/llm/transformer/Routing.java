package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.rows.MatrixRows;

/**
 * Which tokens of a pass go to which expert, and with which weights. Its slots are pairs of a token and an expert, expert by
 * expert, in the order of the tokens within an expert.
 */
final class Routing implements AutoCloseable {

    private final Workspace workspace;
    private final int[] ends;
    private final IntMatrix tokens;
    private final Matrix weights;
    private final Choices choices;

    /** What the router chose. */
    static final class Choices {

        private final int[][] experts;
        private final float[][] weights;

        /**
         * @param experts the experts of every token, [tokens][chosen]
         * @param weights their weights, likewise
         */
        Choices(int[][] experts, float[][] weights) {
            this.experts = experts;
            this.weights = weights;
        }

        /** The experts of a token. */
        int[] experts(int token) {
            return experts[token];
        }
    }

    /**
     * Sorts choices by expert.
     *
     * @param backend where the indices and weights are needed
     * @param choices of all tokens
     * @param experts number of experts
     */
    Routing(ComputeBackend backend, Choices choices, int experts) {
        this.choices = choices;
        this.ends = ends(choices.experts, experts);
        int slots = ends[experts - 1];
        int[] tokenOfSlot = new int[slots];
        float[] weightOfSlot = new float[slots];
        int[] next = firstSlots();
        for (int token = 0; token < choices.experts.length; token++) {
            for (int j = 0; j < choices.experts[token].length; j++) {
                int slot = next[choices.experts[token][j]]++;
                tokenOfSlot[slot] = token;
                weightOfSlot[slot] = choices.weights[token][j];
            }
        }
        this.workspace = backend.workspace();
        try (CloseOnFailure opened = new CloseOnFailure(workspace::close)) {
            this.tokens = workspace.copyOf(slots, 1, tokenOfSlot);
            this.weights = workspace.rowOf(weightOfSlot);
            opened.keep();
        }
    }

    /** For every expert the number of slots up to its last. */
    private static int[] ends(int[][] chosen, int experts) {
        int[] ends = new int[experts];
        for (int[] ofToken : chosen) {
            for (int expert : ofToken) {
                ends[expert]++;
            }
        }
        for (int expert = 1; expert < experts; expert++) {
            ends[expert] += ends[expert - 1];
        }
        return ends;
    }

    /** The first slot of every expert. */
    private int[] firstSlots() {
        int[] first = new int[ends.length];
        System.arraycopy(ends, 0, first, 1, ends.length - 1);
        return first;
    }

    /** What the router chose. */
    Choices choices() {
        return choices;
    }

    /** Number of slots. */
    int slots() {
        return ends[ends.length - 1];
    }

    /** First slot of an expert. */
    int from(int expert) {
        return expert == 0 ? 0 : ends[expert - 1];
    }

    /** Slot after the last of an expert. */
    int to(int expert) {
        return ends[expert];
    }

    /** The tokens of slots, [1 × slots]. */
    IntMatrix tokens(int from, int to) {
        return tokens.rows(from, to).reshape(1, to - from);
    }

    /** The weights of slots, [1 × slots]. */
    Matrix weights(int from, int to) {
        return weights.columns(from, to);
    }

    /** What belongs to slots, brought back to the choices of every token, [tokens][chosen]. */
    float[][] byToken(ComputeBackend backend, Matrix ofSlots) {
        float[] all = new MatrixRows(backend, ofSlots).values();
        float[][] values = new float[choices.experts.length][];
        int[] next = firstSlots();
        for (int token = 0; token < values.length; token++) {
            int[] experts = choices.experts[token];
            values[token] = new float[experts.length];
            for (int j = 0; j < experts.length; j++) {
                values[token][j] = all[next[experts[j]]++];
            }
        }
        return values;
    }

    @Override
    public void close() {
        workspace.close();
    }
}
