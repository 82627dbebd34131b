package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.architecture.NormSpec;
import java.util.List;

/**
 * Norms and linears, backward.
 *
 * @param backend where to compute
 * @param weights of the block
 * @param gradients those with respect to the weights that are trained are added here
 */
record LayersBackward(ComputeBackend backend, BlockWeights weights, BlockWeights gradients) {

    /**
     * Of a norm.
     *
     * @param input what was normalized
     * @param gradient with respect to the normed
     * @param inputGradient receives that with respect to the input; may be {@code gradient}
     */
    void norm(NormSpec norm, Matrix input, Matrix gradient, Matrix inputGradient) {
        Layers.TrainedNorm trained = new Layers.TrainedNorm(norm, weights.of(norm), gradients.of(norm));
        new Layers(backend).normalizeBack(trained, input, gradient, inputGradient);
    }

    /**
     * Of the linears that read one input.
     *
     * @param outputGradients with respect to their outputs
     * @param read what they read
     * @param readGradient receives the gradient there; may be {@code read}
     */
    void project(List<LinearSpec> linears, List<Matrix> outputGradients, Matrix read, Matrix readGradient) {
        for (int i = 0; i < linears.size(); i++) {
            Matrix outer = outputGradients.get(i);
            gradients
                    .find(linears.get(i).weightName())
                    .ifPresent(target -> backend.gradient().addWeight(outer, read, target));
        }
        backend.gradient().project(outputGradients, weights.of(linears), readGradient);
    }
}
