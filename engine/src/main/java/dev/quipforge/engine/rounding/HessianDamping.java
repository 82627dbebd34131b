package dev.quipforge.engine.rounding;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.DenseOps;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.NotPositiveDefiniteException;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.Workspace;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * What is added to the diagonal of a Hessian: always a little against overfitting the calibration text, and more where
 * the Cholesky factorization asks for it. It is measured by the mean of the diagonal, or by 1 where the Hessian is zero: then
 * the inputs were zero on the whole calibration text, any rounding loses nothing, and with a multiple of the identity for a
 * Hessian every weight is rounded to the nearest value.
 */
public final class HessianDamping {

    /** The papers' σ. */
    public static final double SIGMA = 0.01;

    /** What is added on top when the factorization fails, as parts of the mean of the diagonal. */
    private static final double[] LADDER = {0, 0.01, 0.03, 0.1, 0.3, 1};

    private HessianDamping() {}

    /**
     * H += σ · mean(diag H) · I, in place; σ · I where H is zero.
     *
     * @param dense operations of the backend of {@code hessian}
     * @param hessian H, square
     * @param sigma σ, usually {@link #SIGMA}
     */
    public static void regularize(DenseOps dense, Matrix hessian, double sigma) {
        dense.addToDiagonal(hessian, (float) (sigma * scale(dense, hessian)));
    }

    /**
     * The factor L − I of the block LDL decomposition of H, with as much more damping as it takes.
     *
     * @param backend where the matrices live
     * @param hessian H, symmetric [n × n]; not changed
     * @param lower receives L − I, [n × n], strictly below the diagonal blocks
     * @param block block size, a divisor of n
     * @return what had to be added to the diagonal, as a part of its mean (of 1 where H is zero); 0 when H was positive definite as it is
     * @throws NotPositiveDefiniteException when even the most damping does not help, or H is not finite
     */
    public static double factor(ComputeBackend backend, Matrix hessian, Matrix lower, int block) {
        double scale = scale(backend.dense(), hessian);
        NotPositiveDefiniteException last = new NotPositiveDefiniteException(0);
        for (double damping : LADDER) {
            backend.dense().copy(hessian, lower);
            backend.dense().addToDiagonal(lower, (float) (damping * scale));
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

    /**
     * {@link #factor(ComputeBackend, Matrix, Matrix, int)} of several Hessians; one that fails leaves the others as they are.
     *
     * @param backend where the matrices live
     * @param hessians each symmetric [n × n]; not changed
     * @param lowers receive L − I, each [n × n]; zero where even the most damping does not help
     * @param block block size, a divisor of n
     * @return for every Hessian what had to be added to its diagonal, as a part of its mean; empty where even the most damping
     *     does not help
     */
    public static List<OptionalDouble> factor(
            ComputeBackend backend, List<Matrix> hessians, List<Matrix> lowers, int block) {
        Shapes.requireCount("lowers", lowers, hessians.size());
        List<OptionalDouble> dampings = new ArrayList<>();
        for (int i = 0; i < hessians.size(); i++) {
            dampings.add(factorOrClear(backend, hessians.get(i), lowers.get(i), block));
        }
        return dampings;
    }

    private static OptionalDouble factorOrClear(ComputeBackend backend, Matrix hessian, Matrix lower, int block) {
        try {
            return OptionalDouble.of(factor(backend, hessian, lower, block));
        } catch (NotPositiveDefiniteException _) {
            try (Workspace workspace = backend.workspace()) {
                // not by a factor of 0, since what is left there may not be finite
                backend.dense().copy(workspace.matrix(lower.rows(), lower.columns()), lower);
            }
            return OptionalDouble.empty();
        }
    }

    /** The mean of the diagonal, by which all damping is measured; 1 where there is next to nothing on it. */
    private static double scale(DenseOps dense, Matrix hessian) {
        double mean = dense.meanDiagonal(hessian);
        return Math.abs(mean) < Float.MIN_NORMAL ? 1 : mean;
    }
}
