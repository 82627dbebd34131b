package dev.quipforge.engine.compute;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A matrix in host memory: {@code stride} floats lead from one row to the next.
 *
 * @param data the floats, starting at row 0, column 0
 * @param rows number of rows
 * @param columns number of columns
 * @param stride floats from the start of one row to the start of the next, at least {@code columns}
 */
public record HostMatrix(MemorySegment data, int rows, int columns, int stride) implements Matrix {

    public HostMatrix {
        if (rows < 0 || columns < 0 || stride < columns) {
            throw new IllegalArgumentException(
                    "matrix: " + rows + " x " + columns + ", stride " + stride + " (expected: stride >= columns >= 0)");
        }
        long needed = rows == 0 ? 0 : ((long) (rows - 1) * stride + columns) * Float.BYTES;
        if (data.byteSize() < needed) {
            throw new IllegalArgumentException(
                    "matrix data: " + data.byteSize() + " bytes (expected: at least " + needed + ")");
        }
    }

    /** A zeroed matrix in {@code arena}, aligned to 64 bytes. */
    public static HostMatrix allocate(Arena arena, int rows, int columns) {
        return new HostMatrix(arena.allocate((long) rows * columns * Float.BYTES, 64), rows, columns, columns);
    }

    /** A matrix over a copy of {@code values}, row by row. */
    public static HostMatrix of(Arena arena, int rows, int columns, float... values) {
        if (values.length != (long) rows * columns) {
            throw new IllegalArgumentException(
                    "values: " + values.length + " (expected: " + rows + " x " + columns + ")");
        }
        HostMatrix matrix = allocate(arena, rows, columns);
        MemorySegment.copy(values, 0, matrix.data, JAVA_FLOAT, 0, values.length);
        return matrix;
    }

    /** The host form of {@code matrix}; an error when it lives elsewhere. */
    public static HostMatrix require(Matrix matrix) {
        if (matrix instanceof HostMatrix host) {
            return host;
        }
        throw new IllegalArgumentException(
                "matrix: " + matrix.getClass().getSimpleName() + " (expected: in host memory)");
    }

    /** The element at ({@code row}, {@code column}). */
    public float get(int row, int column) {
        Objects.checkIndex(column, columns);
        return data.getAtIndex(JAVA_FLOAT, (long) row * stride + column);
    }

    /** Sets the element at ({@code row}, {@code column}). */
    public void set(int row, int column, float value) {
        Objects.checkIndex(column, columns);
        data.setAtIndex(JAVA_FLOAT, (long) row * stride + column, value);
    }

    /** Whether the rows follow each other without a gap. */
    public boolean contiguous() {
        return stride == columns || rows <= 1;
    }

    /** The floats of one row. */
    public MemorySegment row(int row) {
        Objects.checkIndex(row, rows);
        return data.asSlice((long) row * stride * Float.BYTES, (long) columns * Float.BYTES);
    }

    @Override
    public HostMatrix rows(int from, int to) {
        Objects.checkFromToIndex(from, to, rows);
        return new HostMatrix(
                data.asSlice(from == to ? 0 : (long) from * stride * Float.BYTES), to - from, columns, stride);
    }

    @Override
    public HostMatrix columns(int from, int to) {
        Objects.checkFromToIndex(from, to, columns);
        return new HostMatrix(data.asSlice(rows == 0 ? 0 : (long) from * Float.BYTES), rows, to - from, stride);
    }

    @Override
    public HostMatrix reshape(int newRows, int newColumns) {
        if (!contiguous() || (long) newRows * newColumns != (long) rows * columns) {
            throw new IllegalArgumentException("reshape: " + rows + " x " + columns + ", stride " + stride + ", to "
                    + newRows + " x " + newColumns + " (expected: as many elements, without gaps)");
        }
        return new HostMatrix(data, newRows, newColumns, newColumns);
    }
}
