package dev.quipforge.llm.linear;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.PackedMatrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.weights.LinearTransform;

/**
 * A linear whose weight is never made: y = SV ∘ Um (Ŵ (Unᵀ (SU ∘ x))), Ŵ the values of codes that stay packed (QTIP, section 5).
 *
 * @param backend where it is
 * @param outputs rows of W; the codes may have more
 * @param inputs columns of W; the codes may have more
 * @param codes Ŵ, with the zeros that its format appends
 * @param transform what makes W of Ŵ
 */
public record PackedLinear(
        ComputeBackend backend, int outputs, int inputs, PackedMatrix codes, LinearTransform transform)
        implements Linear {

    /**
     * Computes y.
     *
     * @param transformed Unᵀ (SU ∘ x), one a row, as wide as the codes
     * @param output receives y, [t × outputs]
     */
    void project(Matrix transformed, Matrix output) {
        try (Workspace temporary = backend.workspace()) {
            boolean whole = codes.rows() == outputs;
            Matrix product = whole ? output : temporary.matrix(transformed.rows(), codes.rows());
            backend.packed().multiply(codes, transformed, product);
            if (!whole) {
                backend.dense().copy(product.columns(0, outputs), output);
            }
            transform.transformOutput(output);
        }
    }
}
