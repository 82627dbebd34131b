package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.architecture.NormSpec;
import dev.quipforge.llm.linear.Linear;
import java.util.List;

/**
 * Norms, forward and backward, and linears.
 *
 * @param backend where to compute
 */
public record Layers(ComputeBackend backend) {

    /**
     * A norm in training.
     *
     * @param spec which
     * @param weight with its offset, [1 × width]
     * @param gradient that with respect to the weight is added here
     */
    public record TrainedNorm(NormSpec spec, Matrix weight, Matrix gradient) {}

    /** {@code output} = norm({@code input}); both may be one matrix. */
    public void normalize(NormSpec norm, Matrix weight, Matrix input, Matrix output) {
        Matrix from = pieces(input, norm.width());
        Matrix to = pieces(output, norm.width());
        if (norm.centered()) {
            copy(from, to);
            backend.dense().centerRows(to);
            backend.transformer().rmsNorm(to, weight, norm.epsilon(), to);
        } else {
            backend.transformer().rmsNorm(from, weight, norm.epsilon(), to);
        }
    }

    /**
     * The backward form of a norm.
     *
     * @param input what was normalized
     * @param gradient with respect to the normed
     * @param inputGradient receives that with respect to the input; may be {@code gradient}
     */
    public void normalizeBack(TrainedNorm norm, Matrix input, Matrix gradient, Matrix inputGradient) {
        int width = norm.spec.width();
        Matrix from = pieces(input, width);
        Matrix inner = pieces(inputGradient, width);
        if (!norm.spec.centered()) {
            rmsNormBack(norm, from, pieces(gradient, width), inner);
            return;
        }
        try (Workspace temporary = backend.workspace()) {
            Matrix centered = temporary.matrix(from.rows(), width);
            backend.dense().copy(from, centered);
            backend.dense().centerRows(centered);
            rmsNormBack(norm, centered, pieces(gradient, width), inner);
            backend.dense().centerRows(inner);
        }
    }

    private void rmsNormBack(TrainedNorm norm, Matrix input, Matrix gradient, Matrix inputGradient) {
        backend.gradient().rmsNorm(input, norm.weight, norm.spec.epsilon(), gradient, inputGradient, norm.gradient);
    }

    /** Rows cut into pieces of {@code width}, below each other. */
    static Matrix pieces(Matrix matrix, int width) {
        return matrix.columns() == width ? matrix : matrix.reshape(matrix.rows() * (matrix.columns() / width), width);
    }

    /** The linears that read {@code input}, with their biases. */
    void project(BlockWeights weights, Matrix input, List<LinearSpec> linears, List<Matrix> outputs) {
        if (weights.isServed()) {
            Linear.project(backend, input, weights.served(linears), outputs);
        } else {
            backend.dense().project(input, weights.of(linears), outputs);
        }
        for (int i = 0; i < outputs.size(); i++) {
            Matrix output = outputs.get(i);
            weights.find(linears.get(i).biasName())
                    .ifPresent(bias -> backend.dense().addRow(output, bias));
        }
    }

    void copy(Matrix source, Matrix target) {
        if (!source.equals(target)) {
            backend.dense().copy(source, target);
        }
    }
}
