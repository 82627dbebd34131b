package dev.quipforge.engine.incoherence;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import java.lang.foreign.Arena;

/**
 * QuIP's rescaling of columns that makes weights and Hessian equally large: W ← W D, H ← D⁻¹ H D⁻¹ with
 * D = (diag(H) / diag(Wᵀ W))^{1/4} (QuIP, algorithm 1).
 */
public final class DiagonalRescaling {

    /** Diagonals are taken to be at least that, relative to the largest element of H. */
    private static final double FLOOR = 1e-8;

    private DiagonalRescaling() {}

    /**
     * Rescales both matrices in place.
     *
     * @param backend where they live
     * @param weights W, [m × n]
     * @param hessian H, symmetric [n × n]
     * @return the diagonal of D, by which decoded columns must be divided
     */
    public static float[] apply(ComputeBackend backend, Matrix weights, Matrix hessian) {
        int columns = weights.columns();
        try (Workspace workspace = backend.workspace();
                Arena arena = Arena.ofConfined()) {
            Matrix vector = workspace.matrix(1, columns);
            HostMatrix curvature = HostMatrix.allocate(arena, 1, columns);
            HostMatrix energy = HostMatrix.allocate(arena, 1, columns);
            backend.dense().diagonal(hessian, vector);
            backend.download(vector, curvature);
            backend.dense().columnEnergies(weights, vector);
            backend.download(vector, energy);
            float[] factors = factors(curvature, energy, backend.dense().maxMagnitude(hessian));
            backend.upload(HostMatrix.of(arena, 1, columns, factors), vector);
            backend.dense().scaleColumns(weights, vector);
            backend.upload(HostMatrix.of(arena, 1, columns, inverse(factors)), vector);
            backend.dense().scaleColumns(hessian, vector);
            backend.dense().scaleRows(hessian, vector);
            return factors;
        }
    }

    private static float[] factors(HostMatrix curvature, HostMatrix energy, double largest) {
        float[] factors = new float[curvature.columns()];
        for (int j = 0; j < factors.length; j++) {
            double h = Math.max(FLOOR, curvature.get(0, j) / largest);
            double w = Math.max(FLOOR, energy.get(0, j));
            factors[j] = (float) Math.max(FLOOR, Math.sqrt(Math.sqrt(h / w)));
        }
        return factors;
    }

    private static float[] inverse(float[] factors) {
        float[] inverse = new float[factors.length];
        for (int j = 0; j < factors.length; j++) {
            inverse[j] = 1 / factors[j];
        }
        return inverse;
    }
}
