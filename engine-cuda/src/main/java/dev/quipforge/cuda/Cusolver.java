package dev.quipforge.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Cholesky by cuSOLVER, in fp32. */
final class Cusolver implements AutoCloseable {

    /** Our lower triangle, row by row, is its upper one, column by column. */
    private static final int UPPER = 1;

    private final CudaDevice device;
    private final long handle;
    private final MethodHandle destroy;
    private final MethodHandle workSize;
    private final MethodHandle factor;

    Cusolver(CudaDevice device) {
        this.device = device;
        CudaLibrary library = CudaLibrary.open("libcusolver.so.12", "libcusolver.so.11", "libcusolver.so");
        destroy = library.function("cusolverDnDestroy", "l");
        // handle, uplo, n, A, lda, size
        workSize = library.function("cusolverDnSpotrf_bufferSize", "liilip");
        // handle, uplo, n, A, lda, work, size, info
        factor = library.function("cusolverDnSpotrf", "liililil");
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
    int workSize(DeviceMatrix square) {
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
    void cholesky(DeviceMatrix square, long work, int size, long info) {
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

    @Override
    public void close() {
        device.run(() -> CudaLibrary.call("cusolverDnDestroy", destroy, handle));
    }
}
