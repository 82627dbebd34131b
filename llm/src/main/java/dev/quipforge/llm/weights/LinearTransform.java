package dev.quipforge.llm.weights;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.incoherence.OrthogonalTransform;
import java.util.function.Consumer;

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

    /** Rows x become Unᵀ (SU ∘ x), in place, [t × inputs]: what Ŵ is multiplied with in place of W with x. */
    public void transformInput(Matrix vectors) {
        backend.dense().scaleColumns(vectors, inputSigns);
        eachRow(inputs, vectors, rows -> inputs.rowsInverse(backend, rows));
    }

    /** Rows z become SV ∘ (Um z), in place, [t × outputs]: what the products with Ŵ become. */
    public void transformOutput(Matrix products) {
        eachRow(outputs, products, rows -> outputs.rows(backend, rows));
        backend.dense().scaleColumns(products, outputScales);
    }

    /** Products of dense matrices may round a row otherwise among others than alone. */
    private static void eachRow(OrthogonalTransform transform, Matrix rows, Consumer<Matrix> action) {
        switch (transform) {
            case OrthogonalTransform.Blocks _ -> action.accept(rows);
            case OrthogonalTransform.Kronecker _ -> {
                for (int row = 0; row < rows.rows(); row++) {
                    action.accept(rows.rows(row, row + 1));
                }
            }
        }
    }

    /** A gradient with respect to W becomes that with respect to Ŵ, in place: what is transposed of {@link #apply}. */
    public void applyTransposed(Matrix gradient) {
        backend.dense().scaleRows(gradient, outputScales);
        backend.dense().scaleColumns(gradient, inputSigns);
        outputs.columnsInverse(backend, gradient);
        inputs.rowsInverse(backend, gradient);
    }
}
