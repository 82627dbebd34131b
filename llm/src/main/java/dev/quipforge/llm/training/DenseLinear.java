package dev.quipforge.llm.training;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.llm.rows.MatrixTensor;
import dev.quipforge.llm.safetensors.WritableTensor;
import java.util.List;

/**
 * A linear whose weight is trained itself.
 *
 * @param backend where it is
 * @param parameter W
 */
record DenseLinear(ComputeBackend backend, Parameter parameter) implements TrainableLinear {

    @Override
    public List<Parameter> parameters() {
        return List.of(parameter);
    }

    @Override
    public Matrix weight() {
        return parameter.value();
    }

    @Override
    public Matrix gradient() {
        return parameter.gradient();
    }

    @Override
    public void refresh() {
        // the weight is the parameter
    }

    @Override
    public void pullBack() {
        // the gradient is that of the parameter
    }

    @Override
    public List<WritableTensor> tensors() {
        return List.of(new MatrixTensor(backend, parameter.name(), parameter.value()));
    }
}
