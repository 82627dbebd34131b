package dev.quipforge.engine.compute;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Integers in host memory, row by row without gaps.
 *
 * @param data the integers, starting at row 0, column 0
 * @param rows number of rows
 * @param columns number of columns
 */
public record HostIntMatrix(MemorySegment data, int rows, int columns) implements IntMatrix {

    public HostIntMatrix {
        long needed = (long) rows * columns * Integer.BYTES;
        if (rows < 0 || columns < 0 || data.byteSize() < needed) {
            throw new IllegalArgumentException("integers: " + rows + " x " + columns + " in " + data.byteSize()
                    + " bytes (expected: at least " + needed + ")");
        }
    }

    /** Zeroed integers in {@code arena}, aligned to 64 bytes. */
    public static HostIntMatrix allocate(Arena arena, int rows, int columns) {
        return new HostIntMatrix(arena.allocate((long) rows * columns * Integer.BYTES, 64), rows, columns);
    }

    /** The host form of {@code matrix}; an error when it lives elsewhere. */
    public static HostIntMatrix require(IntMatrix matrix) {
        if (matrix instanceof HostIntMatrix host) {
            return host;
        }
        throw new IllegalArgumentException(
                "integers: " + matrix.getClass().getSimpleName() + " (expected: in host memory)");
    }

    /** The integer at ({@code row}, {@code column}). */
    public int get(int row, int column) {
        Objects.checkIndex(column, columns);
        return data.getAtIndex(JAVA_INT, (long) row * columns + column);
    }

    /** Sets the integer at ({@code row}, {@code column}). */
    public void set(int row, int column, int value) {
        Objects.checkIndex(column, columns);
        data.setAtIndex(JAVA_INT, (long) row * columns + column, value);
    }

    @Override
    public HostIntMatrix rows(int from, int to) {
        Objects.checkFromToIndex(from, to, rows);
        long width = (long) columns * Integer.BYTES;
        return new HostIntMatrix(data.asSlice(from * width, (to - from) * width), to - from, columns);
    }

    @Override
    public HostIntMatrix reshape(int newRows, int newColumns) {
        if ((long) newRows * newColumns != (long) rows * columns) {
            throw new IllegalArgumentException(
                    "integers: " + rows + " x " + columns + " as " + newRows + " x " + newColumns);
        }
        return new HostIntMatrix(data, newRows, newColumns);
    }
}
