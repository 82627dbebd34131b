package dev.quipforge.engine.rounding;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;

/**
 * The loss that the rounding minimizes: tr((W − Ŵ) H (W − Ŵ)ᵀ), the error of the layer's outputs on the calibration text
 * (QuIP, section 3.2).
 */
public final class ProxyLoss {

    /** Rows whose product is held at once. */
    private static final int PANEL = 512;

    private ProxyLoss() {}

    /**
     * tr(M H Mᵀ).
     *
     * @param backend where the matrices live
     * @param matrix M, [m × n]: the errors W − Ŵ for the loss, the weights W for what it is relative to
     * @param hessian H, symmetric [n × n]
     */
    public static double energy(ComputeBackend backend, Matrix matrix, Matrix hessian) {
        double sum = 0;
        try (Workspace workspace = backend.workspace()) {
            Matrix product = workspace.matrix(Math.min(PANEL, matrix.rows()), matrix.columns());
            for (int first = 0; first < matrix.rows(); first += PANEL) {
                Matrix rows = matrix.rows(first, Math.min(matrix.rows(), first + PANEL));
                Matrix part = product.rows(0, rows.rows());
                backend.dense().multiply(rows, hessian, part);
                sum += backend.dense().innerProduct(part, rows);
            }
        }
        return sum;
    }

    /**
     * tr((W − Ŵ) H (W − Ŵ)ᵀ) / tr(W H Wᵀ): 0 for no error, 1 for a matrix of zeros.
     *
     * @param backend where the matrices live
     * @param weights W, [m × n]
     * @param rounded Ŵ, same shape
     * @param hessian H, symmetric [n × n]
     */
    public static double relative(ComputeBackend backend, Matrix weights, Matrix rounded, Matrix hessian) {
        double loss = 0;
        try (Workspace workspace = backend.workspace()) {
            Matrix errors = workspace.matrix(Math.min(PANEL, weights.rows()), weights.columns());
            for (int first = 0; first < weights.rows(); first += PANEL) {
                int end = Math.min(weights.rows(), first + PANEL);
                Matrix part = errors.rows(0, end - first);
                backend.dense().copy(weights.rows(first, end), part);
                backend.dense().add(-1, rounded.rows(first, end), part);
                loss += energy(backend, part, hessian);
            }
        }
        return loss == 0 ? 0 : loss / energy(backend, weights, hessian);
    }
}
