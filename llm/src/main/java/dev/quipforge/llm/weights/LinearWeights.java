package dev.quipforge.llm.weights;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.model.ModelDirectory;

/** The weight of a linear as a dense matrix, decoded where it is quantized. */
public final class LinearWeights {

    private LinearWeights() {}

    /**
     * Loads a linear.
     *
     * @param backend where to
     * @param workspace owner of the result
     * @param model the model, dense or quantized
     * @param linear its name, such as {@code model.layers.0.self_attn.q_proj}
     * @return W, [outputs × inputs]
     */
    public static Matrix load(ComputeBackend backend, Workspace workspace, ModelDirectory model, String linear) {
        boolean quantized = !model.config().keptLinears().contains(linear);
        return model.config()
                .quantization()
                .filter(_ -> quantized)
                .map(config ->
                        new LinearDecoder(backend, config).decode(workspace, model.weights(), model.layout(), linear))
                .orElseGet(() ->
                        WeightLoader.load(backend, workspace, model.weights().tensor(linear + ".weight")));
    }
}
