package dev.quipforge.llm.training;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.rows.MatrixTensor;
import dev.quipforge.llm.safetensors.WritableTensor;
import dev.quipforge.llm.transformer.HeadForward;
import dev.quipforge.llm.transformer.Layers;
import java.util.List;

/**
 * Last norm and head of a model in training, beside those of the original. Logits of both are made for a few tokens at a
 * time, so that they never are in memory as a whole.
 */
public final class TrainableHead {

    /** Logits of one model in memory at once. */
    private static final int LOGITS = 1 << 24;

    private final ComputeBackend backend;
    private final HeadForward original;
    private final HeadForward trained;
    private final Parameter norm;
    private final Parameter weight;

    /**
     * Loads the head; one that was tied to the embeddings gets a weight of its own.
     *
     * @param backend where to
     * @param workspace owner of everything in it
     * @param source where it comes from
     */
    TrainableHead(ComputeBackend backend, Workspace workspace, TrainingSource source) {
        this.backend = backend;
        Architecture architecture = source.model().config().architecture();
        Architecture.Head head = architecture.head();
        Matrix table = source.original(backend, workspace, architecture.headSource());
        this.original = HeadForward.load(backend, workspace, source.model(), table);
        this.norm = source.norm(backend, workspace, head.norm());
        this.weight =
                source.parameter(backend, workspace, head.tensor(), architecture.headSource(), Parameter.Kind.WEIGHT);
        this.trained = new HeadForward(backend, head, norm.value(), weight.value());
    }

    List<Parameter> parameters() {
        return List.of(norm, weight);
    }

    List<WritableTensor> tensors() {
        return List.of(
                StoredVectors.norm(backend, trained.head().norm(), norm.value()),
                new MatrixTensor(backend, weight.name(), weight.value()));
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
            double divergence = withGradient(reference, candidate, factor);
            backend.gradient().addWeight(candidate, rows, weight.gradient());
            backend.gradient().project(List.of(candidate), List.of(weight.value()), rows);
            return divergence;
        });
        Layers.TrainedNorm last = new Layers.TrainedNorm(trained.head().norm(), norm.value(), norm.gradient());
        new Layers(backend).normalizeBack(last, hidden, gradient, gradient);
        return sum;
    }

    /** The divergence; logits become the gradient with respect to the products of the head with its inputs. */
    private double withGradient(Matrix reference, Matrix candidate, float factor) {
        Architecture.Head head = trained.head();
        float scaled = factor * head.multiplier();
        if (head.cap() == 0) {
            return backend.gradient().divergence(reference, candidate, scaled, candidate);
        }
        try (Workspace workspace = backend.workspace()) {
            Matrix logits = workspace.matrix(candidate.rows(), candidate.columns());
            backend.dense().copy(candidate, logits);
            double divergence = backend.gradient().divergence(reference, logits, scaled, candidate);
            backend.gradient().softCap(logits, head.cap(), candidate);
            return divergence;
        }
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
    private double run(Matrix originalHidden, Matrix hidden, Matrix normed, Visitor visitor) {
        int tokens = hidden.rows();
        int vocabulary = weight.value().rows();
        int step = Math.min(tokens, Math.max(1, LOGITS / vocabulary));
        trained.normalize(hidden, normed);
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
                original.normalize(originalHidden.rows(from, from + count), originalRows);
                original.logits(originalRows, left);
                trained.logits(rows, right);
                sum += visitor.visit(rows, left, right);
            }
            return sum;
        }
    }
}
