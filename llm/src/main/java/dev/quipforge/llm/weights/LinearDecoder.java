package dev.quipforge.llm.weights;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.PackedMatrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.incoherence.OrthogonalTransform;
import dev.quipforge.llm.architecture.LinearShape;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.format.Formats;
import dev.quipforge.llm.format.Padding;
import dev.quipforge.llm.format.StoredTensor;
import dev.quipforge.llm.format.WeightFormat;
import dev.quipforge.llm.model.Layout;
import dev.quipforge.llm.rows.WeightLoader;
import dev.quipforge.llm.safetensors.TensorSource;

/** Makes the dense weight of a quantized linear: W = diag(SV) Um Ŵ Unᵀ diag(SU), Ŵ the values of the codes (QTIP, section 5). */
public final class LinearDecoder {

    private final ComputeBackend backend;
    private final QuantizationScheme scheme;

    /** Decodes what is quantized as {@code scheme} says. */
    public LinearDecoder(ComputeBackend backend, QuantizationScheme scheme) {
        this.backend = backend;
        this.scheme = scheme;
    }

    /**
     * Decodes a linear.
     *
     * @param workspace owner of the result
     * @param tensors holds the codes and vectors of the linear
     * @param layout of the model
     * @param linear its name
     * @return W, [outputs × inputs]
     */
    public Matrix decode(Workspace workspace, TensorSource tensors, Layout layout, String linear) {
        Matrix weights = values(workspace, tensors, layout, linear);
        try (Workspace temporary = backend.workspace()) {
            transform(temporary, tensors, layout, linear).apply(weights);
        }
        return weights;
    }

    /**
     * What makes the weight of the values of the codes.
     *
     * @param workspace owner of its vectors
     * @param tensors holds the vectors of the linear
     * @param layout of the model
     * @param linear its name
     */
    public LinearTransform transform(Workspace workspace, TensorSource tensors, Layout layout, String linear) {
        LinearShape shape = layout.shape(linear);
        QuantizationConfig config = scheme.forGroup(layout.groupOf(linear));
        return new LinearTransform(
                backend,
                OrthogonalTransform.ofInputs(
                        config.transform(), config.seed(), layout.inputPath(linear), shape.inputs()),
                OrthogonalTransform.ofOutputs(config.transform(), config.seed(), linear, shape.outputs()),
                WeightLoader.load(backend, workspace, tensors.tensor(linear + StoredTensor.INPUT_SIGNS)),
                WeightLoader.load(backend, workspace, tensors.tensor(linear + StoredTensor.OUTPUT_SCALES)));
    }

    /**
     * Takes the codes of a linear into memory as they are; the caller closes them.
     *
     * @param tensors holds the codes
     * @param layout of the model
     * @param linear its name
     * @return Ŵ, which may have more rows and columns than W, whose values meet zeros or are dropped
     */
    public PackedMatrix pack(TensorSource tensors, Layout layout, String linear) {
        LinearShape shape = layout.shape(linear);
        WeightFormat format = Formats.of(scheme.forGroup(layout.groupOf(linear)));
        int rows = WeightFormat.padded(shape.outputs(), format.rowUnit());
        int columns = WeightFormat.padded(shape.inputs(), format.columnUnit());
        return format.load(backend, tensors, linear, rows, columns);
    }

    /** Ŵ without its padding. */
    private Matrix values(Workspace workspace, TensorSource tensors, Layout layout, String linear) {
        LinearShape shape = layout.shape(linear);
        WeightFormat format = Formats.of(scheme.forGroup(layout.groupOf(linear)));
        Matrix weights = workspace.matrix(shape.outputs(), shape.inputs());
        new Padding(backend, format.rowUnit(), format.columnUnit())
                .write(weights, whole -> format.decode(backend, tensors, linear, whole));
        return weights;
    }
}
