package dev.quipforge.llm.quantization;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.rows.DenseRows;
import dev.quipforge.llm.rows.RowsLoader;
import dev.quipforge.llm.rows.TensorRows;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.weights.Overlay;

/**
 * The weights to be quantized: a model's own, or what tuning made of them.
 *
 * @param model the dense model
 * @param overlay weights that take the place of the model's
 */
record WeightSource(ModelDirectory model, Overlay overlay) {

    /**
     * Loads a weight.
     *
     * @param target receives it, [outputs × inputs]
     * @throws InvalidModelException naming a weight that is not finite
     */
    void load(ComputeBackend backend, LinearSpec linear, Matrix target) {
        DenseRows rows = rows(linear);
        rows.stored().ifPresent(Tensor::requireFinite);
        try (Workspace temporary = backend.workspace()) {
            Matrix loaded = RowsLoader.load(backend, temporary, rows);
            if (rows.stored().isEmpty() && !backend.dense().allFinite(loaded)) {
                throw new InvalidModelException(linear.weightName(), "not finite (expected: finite numbers)");
            }
            backend.dense().copy(loaded, target);
        }
    }

    private DenseRows rows(LinearSpec linear) {
        String name = linear.weightName();
        if (!overlay.contains(name)) {
            return model.dense().rows(linear);
        }
        Tensor tuned = overlay.tensor(name).requireFloating();
        return TensorRows.of(tuned.requireShape(linear.shape().asList()));
    }
}
