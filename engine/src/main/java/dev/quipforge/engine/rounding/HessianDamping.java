package dev.quipforge.engine.rounding;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.DenseOps;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.NotPositiveDefiniteException;

/**
 * What is added to the diagonal of a Hessian: always a little against overfitting the calibration text, and more where
 * the Cholesky factorization asks for it.
 */
public final class HessianDamping {

    /** The papers' σ. */
    public static final double SIGMA = 0.01;

    /** What is added on top when the factorization fails, as parts of the mean of the diagonal. */
    private static final double[] LADDER = {0, 0.01, 0.03, 0.1, 0.3, 1};

    private HessianDamping() {}

    /**
     * H += σ · mean(diag H) · I, in place.
     *
     * @param dense operations of the backend of {@code hessian}
     * @param hessian H, square
     * @param sigma σ, usually {@link #SIGMA}
     */
    public static void regularize(DenseOps dense, Matrix hessian, double sigma) {
        dense.addToDiagonal(hessian, (float) (sigma * dense.meanDiagonal(hessian)));
    }

    /**
     * The factor L − I of the block LDL decomposition of H, with as much more damping as it takes.
     *
     * @param backend where the matrices live
     * @param hessian H, symmetric [n × n]; not changed
     * @param lower receives L − I, [n × n], strictly below the diagonal blocks
     * @param block block size, a divisor of n
     * @return what had to be added to the diagonal, as a part of its mean; 0 when H was positive definite as it is
     * @throws NotPositiveDefiniteException when even the most damping does not help, or H is not finite
     */
    public static double factor(ComputeBackend backend, Matrix hessian, Matrix lower, int block) {
        double mean = backend.dense().meanDiagonal(hessian);
        NotPositiveDefiniteException last = new NotPositiveDefiniteException(0);
        for (double damping : LADDER) {
            backend.dense().copy(hessian, lower);
            backend.dense().addToDiagonal(lower, (float) (damping * mean));
            try {
                backend.factor().cholesky(lower);
                backend.factor().blockUnitLower(lower, block);
                return damping;
            } catch (NotPositiveDefiniteException e) {
                last = e;
            }
        }
        throw last;
    }
}
