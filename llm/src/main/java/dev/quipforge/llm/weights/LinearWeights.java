package dev.quipforge.llm.weights;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.model.ModelDirectory;

/** The weight of a linear as a dense matrix. */
public final class LinearWeights {

    private LinearWeights() {}

    /**
     * Loads a linear.
     *
     * @param backend where to
     * @param workspace owner of the result
     * @param model the model
     * @param linear its name, such as {@code model.layers.0.self_attn.q_proj}
     * @return W, [outputs × inputs]
     */
    public static Matrix load(ComputeBackend backend, Workspace workspace, ModelDirectory model, String linear) {
        return WeightLoader.load(backend, workspace, model.weights().tensor(linear + ".weight"));
    }
}
