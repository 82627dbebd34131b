package dev.quipforge.cuda.ops;

import dev.quipforge.cuda.driver.CudaDevice;
import dev.quipforge.cuda.driver.DeviceMatrix;
import dev.quipforge.cuda.driver.DeviceMemory;
import dev.quipforge.cuda.driver.Kernels;
import dev.quipforge.cuda.driver.Launch;
import dev.quipforge.cuda.driver.Transfers;
import dev.quipforge.cuda.library.Cublas;
import dev.quipforge.cuda.library.ElementType;
import dev.quipforge.engine.compute.HadamardOps;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.hadamard.Hadamard;
import java.util.Set;

/** {@link HadamardOps} on a device. */
public final class CudaHadamardOps implements HadamardOps {

    /** Small orders whose columns fit into the registers of a thread; the others have a general kernel. */
    private static final Set<Integer> IN_REGISTERS = Set.of(12, 20, 28, 36, 52, 60);

    private static final int MOST_FACTORS = 6;

    private final CudaDevice device;
    private final Kernels kernels;
    private final SignMatrices signs;
    private final FactorProducts products;

    /**
     * Everything handed in stays the caller's to close.
     *
     * @param device the GPU
     * @param kernels our kernels on it
     * @param cublas multiplies
     * @param memory lends scratch memory
     * @param transfers copies
     */
    public CudaHadamardOps(
            CudaDevice device, Kernels kernels, Cublas cublas, DeviceMemory memory, Transfers transfers) {
        this.device = device;
        this.kernels = kernels;
        this.signs = new SignMatrices(device, memory, transfers);
        this.products = new FactorProducts(cublas, signs, memory);
    }

    @Override
    public void transformRows(Hadamard transform, Matrix matrix) {
        rows(transform, matrix, false);
    }

    @Override
    public void transformRowsInverse(Hadamard transform, Matrix matrix) {
        rows(transform, matrix, true);
    }

    @Override
    public void transformColumns(Hadamard transform, Matrix matrix) {
        columns(transform, matrix, false);
    }

    @Override
    public void transformColumnsInverse(Hadamard transform, Matrix matrix) {
        columns(transform, matrix, true);
    }

    private void rows(Hadamard transform, Matrix matrix, boolean inverse) {
        Shapes.require("matrix", matrix, matrix.rows(), transform.order());
        DeviceMatrix target = DeviceMatrix.require(matrix);
        int size = transform.size();
        if (target.rows() == 0 || size == 1) {
            return;
        }
        if (target.contiguous()) {
            block(transform, inverse, Math.multiplyExact(target.rows(), transform.blocks()), target.address(), size);
            return;
        }
        for (int first = 0; first < transform.order(); first += size) {
            DeviceMatrix part = target.columns(first, first + size);
            block(transform, inverse, part.rows(), part.address(), part.stride());
        }
    }

    /** Transforms rows of the size of one block. */
    private void block(Hadamard transform, boolean inverse, int rows, long address, long stride) {
        if (FactorProducts.take(transform, rows)) {
            products.rows(transform, inverse, ElementType.FP32, rows, address, stride);
            return;
        }
        int shared = sharedBytes(transform);
        if (shared > device.sharedBytesPerBlock()) {
            factors(transform, inverse, rows, address, 1, stride);
            return;
        }
        int k = transform.outer();
        String kernel = k == 1 || IN_REGISTERS.contains(k) ? "rows_" + k : "rows_any";
        kernels.launch(
                "hadamard_rows",
                kernel + "_f32",
                Launch.line(rows, transform.size() < 1024 ? 64 : 256, shared),
                (long) rows,
                k,
                Integer.numberOfTrailingZeros(transform.inner()),
                inverse ? 1 : 0,
                scale(transform),
                signs.address(k, inverse, ElementType.FP32),
                address,
                stride);
    }

    /** The padded row, its copy for a general order, the small matrix. */
    private static int sharedBytes(Hadamard transform) {
        int k = transform.outer();
        int n = transform.size();
        int row = n + n / 32 + 1;
        boolean general = k > 1 && !IN_REGISTERS.contains(k);
        return ((k > 1 ? k * k : 0) + row + (general ? n : 0)) * Float.BYTES;
    }

    private void columns(Hadamard transform, Matrix matrix, boolean inverse) {
        Shapes.require("matrix", matrix, transform.order(), matrix.columns());
        DeviceMatrix target = DeviceMatrix.require(matrix);
        int size = transform.size();
        if (target.columns() > 0 && size > 1) {
            for (int first = 0; first < transform.order(); first += size) {
                DeviceMatrix part = target.rows(first, first + size);
                if (FactorProducts.take(transform, part.columns())) {
                    products.columns(transform, inverse, part);
                } else {
                    factors(transform, inverse, part.columns(), part.address(), part.stride(), 1);
                }
            }
        }
    }

    /**
     * {@link #transformRows} or its inverse of 16-bit rows, in place.
     *
     * @param type of the elements
     * @param rows number of rows
     * @param address of the first, 16-byte aligned
     * @param stride elements from one row to the next, a multiple of 8
     */
    public void transformHalves(Hadamard transform, boolean inverse, Half type, int rows, long address, long stride) {
        if (transform.blocks() != 1 || transform.size() == 1 || address % 16 != 0 || stride % 8 != 0) {
            throw new IllegalArgumentException("16-bit rows: " + transform + " at " + address + ", stride " + stride
                    + " (expected: one block of at least 2, 16-byte aligned, stride a multiple of 8)");
        }
        if (FactorProducts.take(transform, rows)) {
            products.rows(transform, inverse, type.elements, rows, address, stride);
            return;
        }
        int p = Integer.numberOfTrailingZeros(transform.inner());
        int k = transform.outer();
        if (k == 1) {
            int factors = Math.min(p, 4);
            p -= factors;
            k = 1 << factors; // Sylvester's matrix of that order in place of a small one
        }
        int tiles = k <= 16 ? 1 : k <= 32 ? 2 : 4;
        int group = Math.max(1, Math.round(256f / (8 * k)));
        int shared = ((group * k) << p) * Float.BYTES + 16 * tiles * (16 * tiles + 8) * Short.BYTES;
        if (k > 64 || p < 6 || p > 10 || shared > device.sharedBytesPerBlock()) {
            int row = k << p;
            kernels.launch(
                    "hadamard_rows",
                    "rows_any_" + type.suffix,
                    Launch.line(rows, row < 1024 ? 64 : 256, (k * k + 2 * row + row / 32 + 1) * Float.BYTES),
                    (long) rows,
                    k,
                    p,
                    inverse ? 1 : 0,
                    scale(transform),
                    signs.address(k, inverse, ElementType.FP32),
                    address,
                    stride);
            return;
        }
        String kernel = "rows_" + tiles + "_" + p + "_" + type.suffix;
        int resident = kernels.resident("hadamard_halves", kernel, 256, shared) * device.multiprocessors();
        kernels.launch(
                "hadamard_halves",
                kernel,
                Launch.line(Math.min(Launch.blocks(rows, group), resident), 256, shared),
                (long) rows,
                k,
                group,
                scale(transform),
                signs.address(k, inverse, ElementType.FP32),
                address,
                stride);
    }

    /** The 16-bit types. */
    public enum Half {
        /** IEEE half precision. */
        FP16("f16", ElementType.FP16),
        /** The upper half of fp32. */
        BF16("bf16", ElementType.BF16);

        private final String suffix;
        private final ElementType elements;

        Half(String suffix, ElementType elements) {
            this.suffix = suffix;
            this.elements = elements;
        }
    }

    /** Transforms vectors whose elements are {@code along} floats apart; the next vector is {@code across} floats on. */
    private void factors(Hadamard transform, boolean inverse, int vectors, long address, long along, long across) {
        int k = transform.outer();
        int p = Integer.numberOfTrailingZeros(transform.inner());
        float scale = scale(transform);
        if (k > 1) {
            boolean general = !IN_REGISTERS.contains(k);
            kernels.launch(
                    "hadamard_columns",
                    "outer_" + (general ? "any" : k),
                    new Launch(
                            Launch.blocks(vectors, 32),
                            Math.min(general ? transform.inner() : Launch.blocks(transform.inner(), 8), 4096),
                            1,
                            32,
                            8,
                            (general ? k * 32 : k * k) * Float.BYTES),
                    vectors,
                    k,
                    p,
                    p == 0 ? scale : 1f,
                    signs.address(k, inverse, ElementType.FP32),
                    address,
                    along,
                    across);
        }
        int passes = (p + MOST_FACTORS - 1) / MOST_FACTORS;
        int done = 0;
        for (int pass = 0; pass < passes; pass++) {
            int factors = (p - done + passes - pass - 1) / (passes - pass);
            kernels.launch(
                    "hadamard_columns",
                    "factors_" + factors,
                    new Launch(
                            Launch.blocks(vectors, 32),
                            Math.min(Launch.blocks(transform.size() >> factors, 8), 4096),
                            1,
                            32,
                            8,
                            0),
                    vectors,
                    transform.size(),
                    done,
                    pass == passes - 1 ? scale : 1f,
                    address,
                    along,
                    across);
            done += factors;
        }
    }

    private static float scale(Hadamard transform) {
        return (float) (1 / Math.sqrt(transform.size()));
    }
}
