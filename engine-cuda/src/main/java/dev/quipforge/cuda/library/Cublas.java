package dev.quipforge.cuda.library;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.quipforge.cuda.driver.CudaDevice;
import dev.quipforge.cuda.driver.DeviceMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Products by cuBLAS. Its matrices are column by column, ours row by row: what it takes for Aᵀ is our A, so that it is
 * asked for Cᵀ = Bᵀ · Aᵀ. Products of floats are in full fp32 precision (never TF32).
 */
public final class Cublas implements AutoCloseable {

    private static final int PLAIN = 0;
    private static final int TRANSPOSED = 1;
    private static final int UPPER = 1;
    private static final int DEFAULT_MATH = 0;
    private static final int COMPUTE_32 = 68;
    private static final int DEFAULT_ALGORITHM = -1;

    private final CudaDevice device;
    private final String version;
    private final long handle;
    private final MethodHandle destroy;
    private final MethodHandle sgemm;
    private final MethodHandle ssyrk;
    private final MethodHandle gemmEx;
    private final MethodHandle gemmBatched;

    /**
     * Opens the library.
     *
     * @param device where it runs, on the stream of everything else
     * @throws dev.quipforge.engine.compute.BackendUnavailableException when it is not found
     */
    public Cublas(CudaDevice device) {
        this.device = device;
        CudaLibrary library = CudaLibrary.open("libcublas.so.13", "libcublas.so.12", "libcublas.so");
        destroy = library.function("cublasDestroy_v2", "l");
        // handle, opA, opB, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc
        sgemm = library.function("cublasSgemm_v2", "liiiiiplilipli");
        // handle, uplo, op, n, k, alpha, A, lda, beta, C, ldc
        ssyrk = library.function("cublasSsyrk_v2", "liiiiplipli");
        // handle, opA, opB, m, n, k, alpha, A, type, lda, B, type, ldb, beta, C, type, ldc, compute, algorithm
        gemmEx = library.function("cublasGemmEx", "liiiiipliiliipliiii");
        // handle, opA, opB, m, n, k, alpha, A, type, lda, stride, B, type, ldb, stride, beta, C, type, ldc, stride,
        // batch, compute,
        // algorithm
        gemmBatched = library.function("cublasGemmStridedBatchedEx", "liiiiipliilliilpliiliii");
        handle = device.call(() -> create(library));
        version = device.call(() -> version(library));
    }

    private long create(CudaLibrary library) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment created = arena.allocate(ADDRESS);
            CudaLibrary.call("cublasCreate", library.function("cublasCreate_v2", "p"), created);
            long address = created.get(JAVA_LONG, 0);
            CudaLibrary.call(
                    "cublasSetStream",
                    library.function("cublasSetStream_v2", "ll"),
                    address,
                    device.stream().handle());
            CudaLibrary.call("cublasSetMathMode", library.function("cublasSetMathMode", "li"), address, DEFAULT_MATH);
            return address;
        }
    }

    private String version(CudaLibrary library) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment number = arena.allocate(JAVA_INT);
            CudaLibrary.call("cublasGetVersion", library.function("cublasGetVersion_v2", "lp"), handle, number);
            int packed = number.get(JAVA_INT, 0);
            return "cuBLAS " + packed / 10000 + "." + packed / 100 % 100 + "." + packed % 100;
        }
    }

    /** Such as {@code cuBLAS 13.0.2}. */
    public String version() {
        return version;
    }

    /**
     * {@code c} = {@code alpha} · a · b + {@code beta} · c, in fp32.
     *
     * @param transposeB whether b is {@code b}ᵀ
     */
    public void multiply(float alpha, DeviceMatrix a, DeviceMatrix b, boolean transposeB, float beta, DeviceMatrix c) {
        if (c.size() == 0) {
            return;
        }
        device.run(() -> {
            try (Arena arena = Arena.ofConfined()) {
                CudaLibrary.call(
                        "cublasSgemm of " + a.rows() + " x " + a.columns() + " into " + c.rows() + " x " + c.columns(),
                        sgemm,
                        handle,
                        transposeB ? TRANSPOSED : PLAIN,
                        PLAIN,
                        c.columns(),
                        c.rows(),
                        a.columns(),
                        arena.allocateFrom(JAVA_FLOAT, alpha),
                        b.address(),
                        b.leading(),
                        a.address(),
                        a.leading(),
                        arena.allocateFrom(JAVA_FLOAT, beta),
                        c.address(),
                        c.leading());
            }
        });
    }

    /** {@code sum} += aᵀ · b, in fp32; a [depth × rows of the sum], b [depth × columns of the sum]. */
    public void multiplyByTransposed(DeviceMatrix a, DeviceMatrix b, DeviceMatrix sum) {
        if (sum.size() == 0) {
            return;
        }
        device.run(() -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment one = arena.allocateFrom(JAVA_FLOAT, 1);
                CudaLibrary.call(
                        "cublasSgemm of depth " + a.rows() + " into " + sum.rows() + " x " + sum.columns(),
                        sgemm,
                        handle,
                        PLAIN,
                        TRANSPOSED,
                        sum.columns(),
                        sum.rows(),
                        a.rows(),
                        one,
                        b.address(),
                        b.leading(),
                        a.address(),
                        a.leading(),
                        one,
                        sum.address(),
                        sum.leading());
            }
        });
    }

    /** Lower triangle of {@code gram} += {@code x}ᵀ · {@code x}, in fp32. */
    public void addGramLower(DeviceMatrix x, DeviceMatrix gram) {
        device.run(() -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment one = arena.allocateFrom(JAVA_FLOAT, 1);
                CudaLibrary.call(
                        "cublasSsyrk of " + x.rows() + " x " + x.columns(),
                        ssyrk,
                        handle,
                        UPPER,
                        PLAIN,
                        x.columns(),
                        x.rows(),
                        one,
                        x.address(),
                        x.leading(),
                        one,
                        gram.address(),
                        gram.leading());
            }
        });
    }

    /**
     * {@code product} = aᵀ · b + {@code beta} · product for bf16 matrices, with sums in fp32.
     *
     * @param a [depth × rows of the product]
     * @param b [depth × columns of the product]
     */
    public void multiplyByTransposed(HalfMatrix a, HalfMatrix b, float beta, DeviceMatrix product) {
        gemm("Gram", new int[] {PLAIN, TRANSPOSED}, a.rows(), b, a, beta, product);
    }

    /**
     * {@code product} = a · bᵀ for bf16 matrices, with sums in fp32.
     *
     * @param a [rows of the product × depth]
     * @param b [columns of the product × depth]
     */
    public void multiplyTransposed(HalfMatrix a, HalfMatrix b, DeviceMatrix product) {
        gemm("product", new int[] {TRANSPOSED, PLAIN}, a.columns(), b, a, 0, product);
    }

    /** {@code product} = a · b + {@code beta} · product for bf16 matrices, with sums in fp32. */
    public void multiply(HalfMatrix a, HalfMatrix b, float beta, DeviceMatrix product) {
        gemm("product", new int[] {PLAIN, PLAIN}, a.columns(), b, a, beta, product);
    }

    /**
     * A vector times a transposed matrix, all in fp16 with sums in fp32.
     *
     * @param vector address of [1 × columns]
     * @param matrix address of [rows × columns]
     * @param product address of [1 × rows]
     */
    public void multiplyVector(long vector, long matrix, int rows, int columns, long product) {
        gemm(
                "product",
                new int[] {TRANSPOSED, PLAIN},
                new int[] {rows, 1, columns},
                new Operand(matrix, ElementType.FP16.code(), columns),
                new Operand(vector, ElementType.FP16.code(), columns),
                0,
                new Operand(product, ElementType.FP16.code(), rows));
    }

    private void gemm(
            String what,
            int[] operations,
            int depth,
            HalfMatrix first,
            HalfMatrix second,
            float beta,
            DeviceMatrix product) {
        gemm(
                what,
                operations,
                new int[] {product.columns(), product.rows(), depth},
                new Operand(first.address(), ElementType.BF16.code(), first.stride()),
                new Operand(second.address(), ElementType.BF16.code(), second.stride()),
                beta,
                new Operand(product.address(), ElementType.FP32.code(), product.leading()));
    }

    /**
     * Products of equal shape, {@code alpha} · a · b + {@code beta} · product, with all matrices column by column as cuBLAS has
     * them.
     *
     * @param count how many
     * @param rows rows of a product
     * @param columns columns of a product
     * @param depth columns of a, rows of b
     * @param alpha factor of the product
     * @param beta factor of what is there
     */
    public record Batch(int count, int rows, int columns, int depth, float alpha, float beta) {}

    /**
     * The matrices of a batch.
     *
     * @param address of the first
     * @param leading elements from one column to the next
     * @param stride elements from one matrix to the next, 0 when all are the same
     */
    public record Strided(long address, int leading, long stride) {}

    /** All products of a batch, with sums in fp32. */
    public void multiply(ElementType type, Batch batch, Strided a, Strided b, Strided product) {
        device.run(() -> {
            try (Arena arena = Arena.ofConfined()) {
                CudaLibrary.call(
                        "cublasGemmStridedBatchedEx of " + batch,
                        gemmBatched,
                        handle,
                        PLAIN,
                        PLAIN,
                        batch.rows,
                        batch.columns,
                        batch.depth,
                        arena.allocateFrom(JAVA_FLOAT, batch.alpha),
                        a.address,
                        type.code(),
                        a.leading,
                        a.stride,
                        b.address,
                        type.code(),
                        b.leading,
                        b.stride,
                        arena.allocateFrom(JAVA_FLOAT, batch.beta),
                        product.address,
                        type.code(),
                        product.leading,
                        product.stride,
                        batch.count,
                        COMPUTE_32,
                        DEFAULT_ALGORITHM);
            }
        });
    }

    /** {@code c} = {@code alpha} · a · b + {@code beta} · c, in fp32, matrix by matrix. */
    public void multiply(float alpha, DeviceBatch a, DeviceBatch b, float beta, DeviceBatch c) {
        // what is a column to cuBLAS is a row to us
        int rows = c.first().columns();
        int columns = c.first().rows();
        Batch batch = new Batch(c.count(), rows, columns, a.first().columns(), alpha, beta);
        multiply(ElementType.FP32, batch, b.strided(), a.strided(), c.strided());
    }

    private record Operand(long address, int type, int leading) {}

    /** Sizes: rows and columns of the product as cuBLAS sees it, and the depth. */
    private void gemm(
            String what, int[] operations, int[] sizes, Operand first, Operand second, float beta, Operand product) {
        device.run(() -> {
            try (Arena arena = Arena.ofConfined()) {
                CudaLibrary.call(
                        "cublasGemmEx, " + what + " of depth " + sizes[2] + " into " + sizes[1] + " x " + sizes[0],
                        gemmEx,
                        handle,
                        operations[0],
                        operations[1],
                        sizes[0],
                        sizes[1],
                        sizes[2],
                        arena.allocateFrom(JAVA_FLOAT, 1),
                        first.address,
                        first.type,
                        first.leading,
                        second.address,
                        second.type,
                        second.leading,
                        arena.allocateFrom(JAVA_FLOAT, beta),
                        product.address,
                        product.type,
                        product.leading,
                        COMPUTE_32,
                        DEFAULT_ALGORITHM);
            }
        });
    }

    @Override
    public void close() {
        device.run(() -> CudaLibrary.call("cublasDestroy", destroy, handle));
    }
}
