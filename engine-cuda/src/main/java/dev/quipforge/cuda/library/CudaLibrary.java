package dev.quipforge.cuda.library;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.quipforge.cuda.driver.CudaException;
import dev.quipforge.engine.compute.BackendUnavailableException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A library of the CUDA toolkit, called by foreign functions; whichever of the named versions is found first.
 *
 * <p>It is looked for in the directory that the system property {@code quipforge.cuda.home} or the environment variable
 * {@code QUIPFORGE_CUDA_HOME} names (and in {@code lib64}, {@code lib} and {@code targets/x86_64-linux/lib} below it),
 * then on the system's library path, then below {@code CUDA_HOME}, {@code CUDA_PATH} and {@code /usr/local/cuda}.
 */
@SuppressWarnings("restricted") // native calls are what this class is for
final class CudaLibrary {

    private static final List<String> BELOW = List.of("", "lib64", "lib", "targets/x86_64-linux/lib");

    private final String name;
    private final SymbolLookup symbols;

    private CudaLibrary(String name, SymbolLookup symbols) {
        this.name = name;
        this.symbols = symbols;
    }

    /**
     * Opens the first of {@code names} that is found.
     *
     * @throws BackendUnavailableException naming what was looked for and where
     */
    static CudaLibrary open(String... names) {
        List<Path> chosen = homes(System.getProperty("quipforge.cuda.home"), System.getenv("QUIPFORGE_CUDA_HOME"));
        List<Path> usual = homes(System.getenv("CUDA_HOME"), System.getenv("CUDA_PATH"), "/usr/local/cuda");
        return inDirectories(chosen, names)
                .or(() -> onLibraryPath(names))
                .or(() -> inDirectories(usual, names))
                .orElseThrow(() -> new BackendUnavailableException(
                        "cuda",
                        "none of " + List.of(names) + " is on the library path or below " + chosen + usual
                                + " (set QUIPFORGE_CUDA_HOME to where CUDA 12 or 13 is)"));
    }

    private static List<Path> homes(String... candidates) {
        return Stream.of(candidates).filter(home -> home != null).map(Path::of).toList();
    }

    private static Optional<CudaLibrary> inDirectories(List<Path> homes, String... names) {
        for (Path home : homes) {
            for (String below : BELOW) {
                for (String name : names) {
                    Path file = home.resolve(below).resolve(name);
                    if (Files.exists(file)) {
                        return Optional.of(new CudaLibrary(real(file), lookup(file.toString())));
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<CudaLibrary> onLibraryPath(String... names) {
        for (String name : names) {
            try {
                return Optional.of(new CudaLibrary(name, lookup(name)));
            } catch (IllegalArgumentException e) {
                // the next name may be there
            }
        }
        return Optional.empty();
    }

    private static SymbolLookup lookup(String name) {
        return SymbolLookup.libraryLookup(name, Arena.global());
    }

    private static String real(Path file) {
        try {
            return file.toRealPath().toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What was found. */
    String name() {
        return name;
    }

    /**
     * A function that returns a status, 0 for success, for {@link #call}.
     *
     * @param types of its parameters: i for a 32-bit integer, l for a 64-bit integer or an address of the device, p for an
     *     address of the host
     */
    MethodHandle function(String function, String types) {
        MemoryLayout[] parameters = types.chars().mapToObj(CudaLibrary::layout).toArray(MemoryLayout[]::new);
        return Linker.nativeLinker()
                .downcallHandle(
                        symbols.find(function)
                                .orElseThrow(() ->
                                        new BackendUnavailableException("cuda", name + " has no function " + function)),
                        FunctionDescriptor.of(JAVA_INT, parameters))
                .asSpreader(Object[].class, parameters.length);
    }

    private static MemoryLayout layout(int type) {
        return switch (type) {
            case 'i' -> JAVA_INT;
            case 'l' -> JAVA_LONG;
            default -> ADDRESS;
        };
    }

    /** Calls {@code function} and demands success. */
    static void call(String what, MethodHandle function, Object... arguments) {
        int status;
        try {
            status = (int) function.invokeExact(arguments);
        } catch (Throwable e) {
            throw new CudaException(what, e);
        }
        if (status != 0) {
            throw new CudaException(what + ": status " + status + " (expected: 0)");
        }
    }
}
