package dev.quipforge.engine.compute;

import java.lang.foreign.Arena;

/**
 * Memory of one backend with one owner: whatever is allocated here is freed by {@link #close()}, and by nothing else.
 *
 * <p>A workspace may be used from several threads; closing it while an operation runs is an error of the caller.
 */
public interface Workspace extends AutoCloseable {

    /** A zeroed matrix. */
    Matrix matrix(int rows, int columns);

    /** A matrix with the content of {@code source}. */
    Matrix copyOf(HostMatrix source);

    /** A matrix of one row with these values. */
    default Matrix rowOf(float... values) {
        try (Arena arena = Arena.ofConfined()) {
            return copyOf(HostMatrix.of(arena, 1, values.length, values));
        }
    }

    /** Zeroed 32-bit integers, {@code rows} × {@code columns}: token ids, trellis states. */
    IntMatrix integers(int rows, int columns);

    /** Integers with the content of {@code source}, row by row. */
    IntMatrix copyOf(int rows, int columns, int[] source);

    /** Bytes allocated here and not yet freed. */
    long allocatedBytes();

    @Override
    void close();
}
