package dev.quipforge.llm.quantization;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.incoherence.DiagonalRescaling;
import dev.quipforge.engine.incoherence.OrthogonalTransform;
import dev.quipforge.engine.incoherence.SignVector;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.format.StoredTensor;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.Tensors;
import java.util.List;

/**
 * SU: random signs before Hadamard transforms (QTIP, section 5), or what undoes the rescaling of columns before QuIP's Kronecker
 * products (QuIP, section 4.1).
 */
final class InputVector {

    private final float[] values;
    private final boolean signs;

    /**
     * @param values one an input
     * @param signs whether they are signs
     */
    InputVector(float[] values, boolean signs) {
        this.values = values;
        this.signs = signs;
    }

    /**
     * Draws signs, or finds the best rescaling, and applies it: W becomes W diag(1/SU), H becomes diag(SU) H diag(SU).
     *
     * @param backend where the matrices live
     * @param config decides which, and what is drawn
     * @param path where the draw is named after: block and input
     * @param weights W of all linears that read this input, [rows × n]
     * @param hessian H, [n × n]
     */
    static InputVector apply(
            ComputeBackend backend, QuantizationConfig config, String path, Matrix weights, Matrix hessian) {
        if (config.transform() == OrthogonalTransform.Kind.KRONECKER) {
            float[] rescaling = DiagonalRescaling.apply(backend, weights, hessian);
            for (int i = 0; i < rescaling.length; i++) {
                rescaling[i] = 1 / rescaling[i];
            }
            return new InputVector(rescaling, false);
        }
        float[] drawn = SignVector.draw(config.seed(), path + StoredTensor.INPUT_SIGNS, weights.columns());
        try (Workspace temporary = backend.workspace()) {
            Matrix signs = temporary.rowOf(drawn);
            backend.dense().scaleColumns(weights, signs);
            backend.dense().scaleColumns(hessian, signs);
            backend.dense().scaleRows(hessian, signs);
        }
        return new InputVector(drawn, true);
    }

    /** As it is stored: signs as F16, anything else as F32. */
    Tensor tensor(String linear) {
        String name = linear + StoredTensor.INPUT_SIGNS;
        List<Long> shape = List.of((long) values.length);
        return signs ? Tensors.ofHalves(name, shape, values) : Tensors.ofFloats(name, shape, values);
    }
}
