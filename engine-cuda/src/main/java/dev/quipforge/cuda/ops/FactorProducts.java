package dev.quipforge.cuda.ops;

import dev.quipforge.cuda.driver.DeviceMatrix;
import dev.quipforge.cuda.driver.DeviceMemory;
import dev.quipforge.cuda.driver.Scratch;
import dev.quipforge.cuda.library.Cublas;
import dev.quipforge.cuda.library.ElementType;
import dev.quipforge.engine.hadamard.Hadamard;

/**
 * Transforms by M ⊗ S with a small matrix M that is too large for registers: both factors are products by cuBLAS, S first.
 * Each is made orthonormal by itself, so that 16-bit numbers keep their range between the two.
 */
final class FactorProducts {

    /** The largest order of Sylvester's factor that is worth a product. */
    private static final int MOST_INNER = 256;

    /** Small matrices of at most this order have kernels. */
    private static final int MOST_IN_KERNEL = 64;

    /** Elements below which the general kernel takes no longer. */
    private static final long FEWEST = 1 << 15;

    private final Cublas cublas;
    private final SignMatrices signs;
    private final DeviceMemory memory;

    FactorProducts(Cublas cublas, SignMatrices signs, DeviceMemory memory) {
        this.cublas = cublas;
        this.signs = signs;
        this.memory = memory;
    }

    /** Whether {@code vectors} are transformed in this way. */
    static boolean take(Hadamard transform, long vectors) {
        return transform.outer() > MOST_IN_KERNEL
                && transform.inner() <= MOST_INNER
                && vectors * transform.size() >= FEWEST;
    }

    /**
     * Rows in place.
     *
     * @param rows number of rows, of the size of one block of the transform
     * @param address of the first
     * @param stride elements from one row to the next
     */
    void rows(Hadamard transform, boolean inverse, ElementType type, int rows, long address, long stride) {
        int k = transform.outer();
        int inner = transform.inner();
        long size = transform.size();
        try (Scratch scratch = new Scratch(memory)) {
            long between = scratch.bytes("rows of a transform", rows * size * type.bytes());
            cublas.multiply(
                    type,
                    new Cublas.Batch(rows, inner, k, inner, scale(inner), 0),
                    new Cublas.Strided(signs.address(inner, false, type), inner, 0),
                    new Cublas.Strided(address, inner, stride),
                    new Cublas.Strided(between, inner, size));
            cublas.multiply(
                    type,
                    new Cublas.Batch(rows, inner, k, k, scale(k), 0),
                    new Cublas.Strided(between, inner, size),
                    new Cublas.Strided(signs.address(k, inverse, type), k, 0),
                    new Cublas.Strided(address, inner, stride));
        }
    }

    /** Columns in place; {@code matrix} has as many rows as one block of the transform. */
    void columns(Hadamard transform, boolean inverse, DeviceMatrix matrix) {
        int k = transform.outer();
        int inner = transform.inner();
        int columns = matrix.columns();
        ElementType type = ElementType.FP32;
        try (Scratch scratch = new Scratch(memory)) {
            long between = scratch.bytes("columns of a transform", matrix.size() * type.bytes());
            cublas.multiply(
                    type,
                    new Cublas.Batch(k, columns, inner, inner, scale(inner), 0),
                    new Cublas.Strided(matrix.address(), matrix.stride(), (long) inner * matrix.stride()),
                    new Cublas.Strided(signs.address(inner, false, type), inner, 0),
                    new Cublas.Strided(between, columns, (long) inner * columns));
            cublas.multiply(
                    type,
                    new Cublas.Batch(inner, columns, k, k, scale(k), 0),
                    new Cublas.Strided(between, inner * columns, columns),
                    new Cublas.Strided(signs.address(k, inverse, type), k, 0),
                    new Cublas.Strided(matrix.address(), inner * matrix.stride(), matrix.stride()));
        }
    }

    private static float scale(int order) {
        return (float) (1 / Math.sqrt(order));
    }
}
