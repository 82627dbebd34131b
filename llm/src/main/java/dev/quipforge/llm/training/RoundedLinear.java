package dev.quipforge.llm.training;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.llm.format.StoredTensor;
import dev.quipforge.llm.rows.MatrixTensor;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.WritableTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A quantized linear whose codes stay and whose vectors are trained: W = diag(v) A diag(u), A the dense form of what was
 * rounded. Its sign vectors then are SU ∘ u and SV ∘ v, SU and SV those of the rounding, which A holds already; so u and v
 * are near 1 whatever the scale of the weights is, and one rate fits all linears.
 *
 * <p>With G the gradient with respect to W: ∂u_j = Σ_i v_i G_ij A_ij and ∂v_i = Σ_j u_j G_ij A_ij. Where the table of the code
 * is trained too, its gradient is made of that with respect to A, diag(v) G diag(u).
 */
final class RoundedLinear implements TrainableLinear {

    private final ComputeBackend backend;
    private final Rounded rounded;
    private final Parameter inputs;
    private final Parameter outputs;
    private final LinearBuffers buffers;

    /**
     * What the rounding made.
     *
     * @param linear name of the linear
     * @param weight A, [outputs × inputs]
     * @param inputSigns SU, [1 × inputs]
     * @param outputScales SV, [1 × outputs]
     * @param table what A is made of, if that is trained
     */
    record Rounded(
            String linear, Matrix weight, Matrix inputSigns, Matrix outputScales, Optional<TrainableTable> table) {}

    /**
     * A linear in training.
     *
     * @param backend where it is
     * @param rounded what the rounding made
     * @param vectors u and v, to be trained
     * @param buffers where W, its gradient and temporary values are
     */
    RoundedLinear(ComputeBackend backend, Rounded rounded, Vectors vectors, LinearBuffers buffers) {
        this.backend = backend;
        this.rounded = rounded;
        this.inputs = vectors.inputs;
        this.outputs = vectors.outputs;
        this.buffers = buffers;
    }

    /**
     * The vectors in training.
     *
     * @param inputs u, [1 × inputs]; one for all linears that read the same, so that they share their input's transform
     * @param outputs v, [1 × outputs]
     */
    record Vectors(Parameter inputs, Parameter outputs) {}

    @Override
    public List<Parameter> parameters() {
        List<Parameter> parameters = new ArrayList<>(List.of(inputs, outputs));
        rounded.table.ifPresent(table -> parameters.add(table.parameter()));
        return parameters;
    }

    @Override
    public Matrix weight() {
        return buffers.weight();
    }

    @Override
    public Matrix gradient() {
        return buffers.gradient();
    }

    @Override
    public void refresh() {
        rounded.table.ifPresent(TrainableTable::refresh);
        backend.dense().copy(rounded.weight, buffers.weight());
        backend.dense().scaleColumns(buffers.weight(), inputs.value());
        backend.dense().scaleRows(buffers.weight(), outputs.value());
    }

    @Override
    public void pullBack() {
        backend.dense().transpose(buffers.gradient(), buffers.transposedGradient());
        backend.dense().transpose(rounded.weight, buffers.transposedWeight());
        backend.dense().scaleRows(buffers.transposedGradient(), inputs.value());
        backend.gradient()
                .addColumnProducts(buffers.transposedGradient(), buffers.transposedWeight(), outputs.gradient());
        backend.dense().scaleRows(buffers.gradient(), outputs.value());
        backend.gradient().addColumnProducts(buffers.gradient(), rounded.weight, inputs.gradient());
        rounded.table.ifPresent(table -> {
            backend.dense().scaleColumns(buffers.gradient(), inputs.value());
            table.pullBack(buffers.gradient());
        });
        backend.dense().scale(buffers.gradient(), 0);
    }

    @Override
    public List<WritableTensor> tensors() {
        List<WritableTensor> tensors = new ArrayList<>(List.of(
                stored(StoredTensor.INPUT_SIGNS, rounded.inputSigns, inputs),
                stored(StoredTensor.OUTPUT_SCALES, rounded.outputScales, outputs)));
        rounded.table
                .map(TrainableTable::parameter)
                .ifPresent(table -> tensors.add(new MatrixTensor(backend, table.name(), table.value())));
        return tensors;
    }

    private Tensor stored(String suffix, Matrix original, Parameter factors) {
        return StoredVectors.product(backend, rounded.linear + suffix, original, factors.value());
    }
}
