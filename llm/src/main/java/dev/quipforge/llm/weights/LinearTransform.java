package dev.quipforge.llm.weights;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.incoherence.OrthogonalTransform;

/**
 * How the values Ŵ of a linear's codes become its weight: W = diag(SV) Um Ŵ Unᵀ diag(SU) (QTIP, section 5).
 *
 * @param backend where the matrices live
 * @param inputs Un
 * @param outputs Um
 * @param inputSigns SU, [1 × inputs]
 * @param outputScales SV, [1 × outputs]
 */
public record LinearTransform(
        ComputeBackend backend,
        OrthogonalTransform inputs,
        OrthogonalTransform outputs,
        Matrix inputSigns,
        Matrix outputScales) {

    /** Ŵ becomes W, in place, [outputs × inputs]. */
    public void apply(Matrix weights) {
        inputs.rows(backend, weights);
        outputs.columns(backend, weights);
        backend.dense().scaleColumns(weights, inputSigns);
        backend.dense().scaleRows(weights, outputScales);
    }

    /** A gradient with respect to W becomes that with respect to Ŵ, in place: what is transposed of {@link #apply}. */
    public void applyTransposed(Matrix gradient) {
        backend.dense().scaleRows(gradient, outputScales);
        backend.dense().scaleColumns(gradient, inputSigns);
        outputs.columnsInverse(backend, gradient);
        inputs.rowsInverse(backend, gradient);
    }
}
