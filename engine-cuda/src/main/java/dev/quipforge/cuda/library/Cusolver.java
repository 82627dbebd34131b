package dev.quipforge.cuda.library;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.quipforge.cuda.driver.CudaDevice;
import dev.quipforge.cuda.driver.DeviceMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Cholesky in fp32 and eigenvectors in fp64 by cuSOLVER. */
public final class Cusolver implements AutoCloseable {

    /** Our lower triangle, row by row, is its upper one, column by column. */
    private static final int UPPER = 1;

    /** Eigenvectors as well as eigenvalues. */
    private static final int VECTORS = 1;

    private final CudaDevice device;
    private final long handle;
    private final MethodHandle destroy;
    private final MethodHandle workSize;
    private final MethodHandle factor;
    private final MethodHandle eigenWorkSize;
    private final MethodHandle eigen;

    /**
     * Opens the library.
     *
     * @param device where it runs, on the stream of everything else
     * @throws dev.quipforge.engine.compute.BackendUnavailableException when it is not found
     */
    public Cusolver(CudaDevice device) {
        this.device = device;
        CudaLibrary library = CudaLibrary.open("libcusolver.so.12", "libcusolver.so.11", "libcusolver.so");
        destroy = library.function("cusolverDnDestroy", "l");
        // handle, uplo, n, A, lda, size
        workSize = library.function("cusolverDnSpotrf_bufferSize", "liilip");
        // handle, uplo, n, A, lda, work, size, info
        factor = library.function("cusolverDnSpotrf", "liililil");
        // handle, what, uplo, n, A, lda, W, size
        eigenWorkSize = library.function("cusolverDnDsyevd_bufferSize", "liiililp");
        // handle, what, uplo, n, A, lda, W, work, size, info
        eigen = library.function("cusolverDnDsyevd", "liiilillil");
        handle = device.call(() -> create(library));
    }

    private long create(CudaLibrary library) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment created = arena.allocate(ADDRESS);
            CudaLibrary.call("cusolverDnCreate", library.function("cusolverDnCreate", "p"), created);
            long address = created.get(JAVA_LONG, 0);
            CudaLibrary.call(
                    "cusolverDnSetStream",
                    library.function("cusolverDnSetStream", "ll"),
                    address,
                    device.stream().handle());
            return address;
        }
    }

    /** Floats of work space that {@link #cholesky} needs. */
    public int workSize(DeviceMatrix square) {
        return device.call(() -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment size = arena.allocate(JAVA_INT);
                CudaLibrary.call(
                        "cusolverDnSpotrf_bufferSize",
                        workSize,
                        handle,
                        UPPER,
                        square.rows(),
                        square.address(),
                        square.leading(),
                        size);
                return size.get(JAVA_INT, 0);
            }
        });
    }

    /**
     * The lower triangle of {@code square} becomes C with H = C · Cᵀ; the rest is undefined.
     *
     * @param work address of {@link #workSize} floats
     * @param size number of them
     * @param info address of an integer, which becomes 0 or 1 + the index of the first pivot that is not positive
     */
    public void cholesky(DeviceMatrix square, long work, int size, long info) {
        device.run(() -> CudaLibrary.call(
                "cusolverDnSpotrf of order " + square.rows(),
                factor,
                handle,
                UPPER,
                square.rows(),
                square.address(),
                square.leading(),
                work,
                size,
                info));
    }

    /**
     * Doubles of work space that {@link #eigenvectors} needs.
     *
     * @param order of the matrix
     * @param matrix its address
     * @param values address of the eigenvalues
     */
    public int eigenWorkSize(int order, long matrix, long values) {
        return device.call(() -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment size = arena.allocate(JAVA_INT);
                CudaLibrary.call(
                        "cusolverDnDsyevd_bufferSize",
                        eigenWorkSize,
                        handle,
                        VECTORS,
                        UPPER,
                        order,
                        matrix,
                        order,
                        values,
                        size);
                return size.get(JAVA_INT, 0);
            }
        });
    }

    /**
     * Replaces a symmetric matrix of doubles by its eigenvectors, one after the other, by ascending eigenvalue.
     *
     * @param order of the matrix
     * @param matrix its address
     * @param values address of room for the eigenvalues
     * @param work address of {@link #eigenWorkSize} doubles
     * @param size number of them
     * @param info address of an integer, which becomes 0, or what did not converge
     */
    public void eigenvectors(int order, long matrix, long values, long work, int size, long info) {
        device.run(() -> CudaLibrary.call(
                "cusolverDnDsyevd of order " + order,
                eigen,
                handle,
                VECTORS,
                UPPER,
                order,
                matrix,
                order,
                values,
                work,
                size,
                info));
    }

    @Override
    public void close() {
        device.run(() -> CudaLibrary.call("cusolverDnDestroy", destroy, handle));
    }
}
