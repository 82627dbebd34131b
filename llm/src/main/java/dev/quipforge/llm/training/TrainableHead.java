package dev.quipforge.llm.training;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.model.Layout;
import dev.quipforge.llm.safetensors.Tensor;
import java.util.List;

/**
 * Last norm and head of a model in training, beside those of the original. Logits of both are made for a few tokens at a
 * time, so that they never are in memory as a whole.
 */
public final class TrainableHead {

    /** Logits of one model in memory at once. */
    private static final int LOGITS = 1 << 24;

    private final ComputeBackend backend;
    private final float epsilon;
    private final Matrix originalNorm;
    private final Matrix originalHead;
    private final Parameter norm;
    private final Parameter head;

    /**
     * Loads the head; one that was tied to the embeddings gets a weight of its own.
     *
     * @param backend where to
     * @param workspace owner of everything in it
     * @param source where it comes from
     */
    TrainableHead(ComputeBackend backend, Workspace workspace, TrainingSource source) {
        this.backend = backend;
        this.epsilon = source.model().config().normEpsilon();
        String from = source.model().config().tiedEmbeddings() ? Layout.EMBEDDING : Layout.HEAD;
        this.originalNorm = source.original(backend, workspace, Layout.FINAL_NORM);
        this.originalHead = source.original(backend, workspace, from);
        this.norm = source.parameter(backend, workspace, Layout.FINAL_NORM, Layout.FINAL_NORM, Parameter.Kind.VECTOR);
        this.head = source.parameter(backend, workspace, Layout.HEAD, from, Parameter.Kind.WEIGHT);
    }

    List<Parameter> parameters() {
        return List.of(norm, head);
    }

    List<Tensor> tensors() {
        return parameters().stream()
                .map(parameter -> HostTensors.of(backend, parameter.name(), parameter.value()))
                .toList();
    }

    /**
     * Σ over tokens of the divergence of this model from the original.
     *
     * @param original last hidden states of the original, [tokens × hidden]
     * @param hidden last hidden states of this model, likewise
     */
    public double divergence(Matrix original, Matrix hidden) {
        try (Workspace workspace = backend.workspace()) {
            Matrix normed = workspace.matrix(hidden.rows(), hidden.columns());
            return run(
                    original,
                    hidden,
                    normed,
                    (_, reference, candidate) -> backend.gradient().divergence(reference, candidate, 0, candidate));
        }
    }

    /**
     * As {@link #divergence(Matrix, Matrix)}, with gradients of it times {@code factor}: those with respect to the
     * parameters are added.
     *
     * @param original last hidden states of the original, [tokens × hidden]
     * @param hidden last hidden states of this model, likewise
     * @param factor of the gradients
     * @param gradient receives that with respect to {@code hidden}
     */
    public double divergence(Matrix original, Matrix hidden, float factor, Matrix gradient) {
        double sum = run(original, hidden, gradient, (rows, reference, candidate) -> {
            double divergence = backend.gradient().divergence(reference, candidate, factor, candidate);
            backend.gradient().addWeight(candidate, rows, head.gradient());
            backend.gradient().project(List.of(candidate), List.of(head.value()), rows);
            return divergence;
        });
        backend.gradient().rmsNorm(hidden, norm.value(), epsilon, gradient, gradient, norm.gradient());
        return sum;
    }

    /** Sees the logits of a few tokens. */
    private interface Visitor {

        /**
         * @param rows their normalized hidden states; may become the gradients there
         * @param reference logits of the original
         * @param candidate logits of this model
         */
        double visit(Matrix rows, Matrix reference, Matrix candidate);
    }

    /** Normalizes into {@code normed} and shows the logits of a few tokens after the other; returns the sum of all visits. */
    private double run(Matrix original, Matrix hidden, Matrix normed, Visitor visitor) {
        int tokens = hidden.rows();
        int vocabulary = head.value().rows();
        int step = Math.min(tokens, Math.max(1, LOGITS / vocabulary));
        backend.transformer().rmsNorm(hidden, norm.value(), epsilon, normed);
        try (Workspace workspace = backend.workspace()) {
            Matrix normedOriginal = workspace.matrix(step, hidden.columns());
            Matrix reference = workspace.matrix(step, vocabulary);
            Matrix candidate = workspace.matrix(step, vocabulary);
            double sum = 0;
            for (int from = 0; from < tokens; from += step) {
                int count = Math.min(tokens, from + step) - from;
                Matrix rows = normed.rows(from, from + count);
                Matrix originalRows = normedOriginal.rows(0, count);
                Matrix left = reference.rows(0, count);
                Matrix right = candidate.rows(0, count);
                backend.transformer().rmsNorm(original.rows(from, from + count), originalNorm, epsilon, originalRows);
                backend.dense().project(originalRows, List.of(originalHead), List.of(left));
                backend.dense().project(rows, List.of(head.value()), List.of(right));
                sum += visitor.visit(rows, left, right);
            }
            return sum;
        }
    }
}
