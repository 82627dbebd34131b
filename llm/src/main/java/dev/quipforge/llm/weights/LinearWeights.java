package dev.quipforge.llm.weights;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.rows.RowsLoader;

/** The weight of a linear as a dense matrix, decoded where it is quantized. */
public final class LinearWeights {

    private LinearWeights() {}

    /**
     * Loads a linear.
     *
     * @param backend where to
     * @param workspace owner of the result
     * @param model the model, dense or quantized
     * @param linear one of its linears
     * @return W, [outputs × inputs]
     */
    public static Matrix load(ComputeBackend backend, Workspace workspace, ModelDirectory model, LinearSpec linear) {
        return model.config()
                .quantization()
                .filter(_ -> model.config().isQuantized(linear.name()))
                .map(scheme -> new LinearDecoder(backend, scheme)
                        .decode(workspace, model.weights(), model.layout(), linear.name()))
                .orElseGet(
                        () -> RowsLoader.load(backend, workspace, model.dense().rows(linear)));
    }
}
