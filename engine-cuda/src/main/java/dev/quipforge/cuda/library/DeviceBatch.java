package dev.quipforge.cuda.library;

import dev.quipforge.cuda.driver.DeviceMatrix;
import dev.quipforge.engine.compute.Matrix;
import java.util.List;
import java.util.Optional;

/**
 * Matrices of one shape at equal distances in the memory of a device, as batched operations take them.
 *
 * @param first the first of them
 * @param count how many
 * @param distance floats from one to the next, not negative; 0 when there is one only, or all are the same
 */
public record DeviceBatch(DeviceMatrix first, int count, long distance) {

    /** {@code matrices}, at least one, as a batch; none when they differ in shape or distance. */
    public static Optional<DeviceBatch> of(List<Matrix> matrices) {
        DeviceMatrix first = DeviceMatrix.require(matrices.getFirst());
        long bytes =
                matrices.size() == 1 ? 0 : DeviceMatrix.require(matrices.get(1)).address() - first.address();
        for (int i = 1; i < matrices.size(); i++) {
            DeviceMatrix matrix = DeviceMatrix.require(matrices.get(i));
            boolean alike = matrix.rows() == first.rows()
                    && matrix.columns() == first.columns()
                    && matrix.stride() == first.stride();
            if (!alike || matrix.address() != first.address() + i * bytes) {
                return Optional.empty();
            }
        }
        return bytes < 0 || bytes % Float.BYTES != 0
                ? Optional.empty()
                : Optional.of(new DeviceBatch(first, matrices.size(), bytes / Float.BYTES));
    }

    /** The operand of a batched product by cuBLAS. */
    Cublas.Strided strided() {
        return new Cublas.Strided(first.address(), first.leading(), distance);
    }
}
