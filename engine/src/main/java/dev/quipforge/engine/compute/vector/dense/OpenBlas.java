package dev.quipforge.engine.compute.vector.dense;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.quipforge.engine.compute.HostMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.jspecify.annotations.Nullable;

/**
 * The functions of OpenBLAS that we call, on matrices where they are. JavaCPP brings and loads the library; the calls go
 * straight to it.
 *
 * <p>OpenBLAS is told to use one thread: how it would share a product between cores changes the order of its sums, and
 * the same job would give other bits on another number of cores.
 */
@SuppressWarnings("restricted") // native calls are what this class is for
final class OpenBlas {

    private static final int ROW_MAJOR = 101;
    private static final int PLAIN = 111;
    private static final int TRANSPOSED = 112;

    private static @Nullable OpenBlas loaded;

    private final String version;
    private final MethodHandle sgemm;
    private final MethodHandle sgemv;
    private final MethodHandle ssyevd;

    /** OpenBLAS cannot be loaded on this machine. */
    static final class NotLoadedException extends Exception {

        private static final long serialVersionUID = 1L;

        NotLoadedException(Throwable cause) {
            super(cause.toString(), cause);
        }
    }

    private OpenBlas() throws Throwable {
        Loader.load(openblas_nolapack.class);
        SymbolLookup library = SymbolLookup.loaderLookup();
        function(library, "openblas_set_num_threads", FunctionDescriptor.ofVoid(JAVA_INT))
                .invokeExact(1);
        version = version(library);
        // order, transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc
        sgemm = function(library, "cblas_sgemm", procedure("iiiiiifpipifpi"));
        // order, trans, m, n, alpha, a, lda, x, incx, beta, y, incy
        sgemv = function(library, "cblas_sgemv", procedure("iiiifpipifpi"));
        // jobz, uplo, n, a, lda, w, work, lwork, iwork, liwork, info
        ssyevd = function(library, "ssyevd_", procedure("ppppppppppp"));
    }

    /** The library, loaded on the first call. */
    static synchronized OpenBlas instance() throws NotLoadedException {
        OpenBlas library = loaded;
        if (library == null) {
            try {
                library = new OpenBlas();
            } catch (Throwable e) {
                throw new NotLoadedException(e);
            }
            loaded = library;
        }
        return library;
    }

    /** Version and kernel, such as {@code OpenBLAS 0.3.31 … Zen …}. */
    String version() {
        return version;
    }

    /** {@code c} = {@code alpha} · a · b + {@code beta} · c on the calling thread. */
    void multiply(float alpha, Products.Operand a, Products.Operand b, float beta, HostMatrix c) {
        HostMatrix left = a.matrix();
        HostMatrix right = b.matrix();
        try {
            sgemm.invokeExact(
                    ROW_MAJOR,
                    form(a),
                    form(b),
                    c.rows(),
                    c.columns(),
                    a.columns(),
                    alpha,
                    left.data(),
                    Math.max(1, left.stride()),
                    right.data(),
                    Math.max(1, right.stride()),
                    beta,
                    c.data(),
                    Math.max(1, c.stride()));
        } catch (Throwable e) {
            throw new IllegalStateException("cblas_sgemm", e);
        }
    }

    /** {@code c} = {@code alpha} · a · b + {@code beta} · c for a of one row, on the calling thread. */
    void multiplyRow(float alpha, Products.Operand a, Products.Operand b, float beta, HostMatrix c) {
        HostMatrix left = a.matrix();
        HostMatrix right = b.matrix();
        try {
            sgemv.invokeExact(
                    ROW_MAJOR,
                    b.form() == Products.Form.PLAIN ? TRANSPOSED : PLAIN,
                    right.rows(),
                    right.columns(),
                    alpha,
                    right.data(),
                    Math.max(1, right.stride()),
                    left.data(),
                    a.form() == Products.Form.PLAIN ? 1 : Math.max(1, left.stride()),
                    beta,
                    c.data(),
                    1);
        } catch (Throwable e) {
            throw new IllegalStateException("cblas_sgemv", e);
        }
    }

    /** Replaces a symmetric matrix by its eigenvectors, as rows, in the order of ascending eigenvalues. */
    void eigenvectors(HostMatrix symmetric) {
        int order = symmetric.rows();
        int work = Math.addExact(1 + 6 * order, Math.multiplyExact(2 * order, order));
        int integers = 3 + 5 * order;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(JAVA_INT);
            ssyevd.invokeExact(
                    arena.allocateFrom(JAVA_BYTE, (byte) 'V'),
                    arena.allocateFrom(JAVA_BYTE, (byte) 'U'),
                    arena.allocateFrom(JAVA_INT, order),
                    symmetric.data(),
                    arena.allocateFrom(JAVA_INT, Math.max(1, symmetric.stride())),
                    arena.allocate(JAVA_FLOAT, order),
                    arena.allocate(JAVA_FLOAT, work),
                    arena.allocateFrom(JAVA_INT, work),
                    arena.allocate(JAVA_INT, integers),
                    arena.allocateFrom(JAVA_INT, integers),
                    info);
            if (info.get(JAVA_INT, 0) != 0) {
                throw new IllegalStateException("ssyevd did not converge: " + info.get(JAVA_INT, 0));
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("ssyevd", e);
        }
    }

    private static int form(Products.Operand operand) {
        return switch (operand.form()) {
            case PLAIN -> PLAIN;
            case TRANSPOSED -> TRANSPOSED;
        };
    }

    private static String version(SymbolLookup library) throws Throwable {
        MethodHandle config = function(library, "openblas_get_config", FunctionDescriptor.of(ADDRESS));
        MemorySegment text = (MemorySegment) config.invokeExact();
        return text.reinterpret(256).getString(0).strip();
    }

    /** A void function whose parameters are integers (i), floats (f) and pointers (p). */
    private static FunctionDescriptor procedure(String types) {
        return FunctionDescriptor.ofVoid(
                types.chars().mapToObj(OpenBlas::layout).toArray(MemoryLayout[]::new));
    }

    private static MemoryLayout layout(int type) {
        return switch (type) {
            case 'i' -> JAVA_INT;
            case 'f' -> JAVA_FLOAT;
            default -> ADDRESS;
        };
    }

    private static MethodHandle function(SymbolLookup library, String name, FunctionDescriptor type) {
        MemorySegment address = library.find(name)
                .orElseThrow(() -> new UnsatisfiedLinkError(name + " is not in the OpenBLAS that was loaded"));
        return Linker.nativeLinker().downcallHandle(address, type);
    }
}
