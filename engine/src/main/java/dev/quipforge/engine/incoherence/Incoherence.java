package dev.quipforge.engine.incoherence;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;

/**
 * How evenly the weight of a matrix is spread: the largest element over the root mean square (QuIP, definition 1; QuIP#,
 * section 3). 1 is the least there can be.
 */
public final class Incoherence {

    private Incoherence() {}

    /** μ_W = max |W_ij| · sqrt(m n) / ‖W‖_F; 1 for a matrix of zeros. */
    public static double ofWeights(ComputeBackend backend, Matrix weights) {
        double energy = backend.dense().innerProduct(weights, weights);
        double elements = (double) weights.rows() * weights.columns();
        return energy == 0 ? 1 : backend.dense().maxMagnitude(weights) * Math.sqrt(elements / energy);
    }

    /** μ_H = max |Q_ij| · sqrt(n), Q the eigenvectors of H. */
    public static double ofHessian(ComputeBackend backend, Matrix hessian) {
        try (Workspace workspace = backend.workspace()) {
            Matrix vectors = workspace.matrix(hessian.rows(), hessian.columns());
            backend.dense().copy(hessian, vectors);
            backend.factor().eigenvectors(vectors);
            return backend.dense().maxMagnitude(vectors) * Math.sqrt(hessian.rows());
        }
    }

    /**
     * What μ_W stays below after a randomized Hadamard transform, except with probability {@code delta}: 2 log(4 m n / δ)
     * (QuIP#, lemma 3.1).
     */
    public static double weightBound(int rows, int columns, double delta) {
        return 2 * Math.log(4.0 * rows * columns / delta);
    }

    /**
     * What μ_H stays below after a randomized Hadamard transform, except with probability {@code delta}:
     * sqrt(2 log(2 n² / δ)) (QuIP#, lemma 3.1).
     */
    public static double hessianBound(int order, double delta) {
        return Math.sqrt(2 * Math.log(2.0 * order * order / delta));
    }
}
