package dev.quipforge.llm.weights;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.incoherence.Hadamard;
import dev.quipforge.engine.packing.PackedTiles;
import dev.quipforge.engine.trellis.Trellis;
import dev.quipforge.llm.model.LinearShape;
import dev.quipforge.llm.model.QuantizedNames;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.TensorSource;

/** Makes the dense weight of a quantized linear: W = diag(SV) Hm Ŵ Hnᵀ diag(SU), Ŵ the values of the codes (QTIP, section 5). */
public final class TrellisDecoder {

    private final ComputeBackend backend;
    private final Trellis trellis;

    /** Decodes codes of {@code trellis} on {@code backend}. */
    public TrellisDecoder(ComputeBackend backend, Trellis trellis) {
        this.backend = backend;
        this.trellis = trellis;
    }

    /**
     * Decodes a linear.
     *
     * @param workspace owner of the result
     * @param tensors holds the codes and vectors of the linear
     * @param linear its name
     * @param shape its shape
     * @return W, [outputs × inputs]
     */
    public Matrix decode(Workspace workspace, TensorSource tensors, String linear, LinearShape shape) {
        Matrix weights = workspace.matrix(shape.outputs(), shape.inputs());
        Tensor words = tensors.tensor(QuantizedNames.trellis(linear));
        new PackedTiles(trellis, shape.outputs(), shape.inputs(), words.shorts()).decode(backend, weights);
        backend.hadamard().transformRows(Hadamard.fitting(shape.inputs()), weights);
        backend.hadamard().transformColumns(Hadamard.fitting(shape.outputs()), weights);
        try (Workspace temporary = backend.workspace()) {
            Tensor signs = tensors.tensor(QuantizedNames.inputSigns(linear));
            Tensor scales = tensors.tensor(QuantizedNames.outputScales(linear));
            backend.dense().scaleColumns(weights, WeightLoader.load(backend, temporary, signs));
            backend.dense().scaleRows(weights, WeightLoader.load(backend, temporary, scales));
        }
        return weights;
    }
}
