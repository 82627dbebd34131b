package dev.quipforge.engine.compute;

import java.util.List;

/** Checks of shapes that every backend makes before it computes. */
public final class Shapes {

    private Shapes() {}

    /** Demands a shape of {@code matrix}, called {@code name} in the message. */
    public static void require(String name, Matrix matrix, int rows, int columns) {
        if (matrix.rows() != rows || matrix.columns() != columns) {
            throw mismatch(name, matrix.rows(), matrix.columns(), rows, columns);
        }
    }

    /** Demands a shape of {@code matrix}, called {@code name} in the message. */
    public static void require(String name, IntMatrix matrix, int rows, int columns) {
        if (matrix.rows() != rows || matrix.columns() != columns) {
            throw mismatch(name, matrix.rows(), matrix.columns(), rows, columns);
        }
    }

    /** Demands that {@code matrix} has the shape of {@code model}. */
    public static void requireSame(String name, Matrix matrix, Matrix model) {
        require(name, matrix, model.rows(), model.columns());
    }

    /** Demands that {@code list}, called {@code name} in the message, has {@code count} elements. */
    public static void requireCount(String name, List<?> list, int count) {
        if (list.size() != count) {
            throw new IllegalArgumentException(name + ": " + list.size() + " (expected: " + count + ")");
        }
    }

    /** Demands that the rows of {@code matrix}, called {@code name} in the message, are {@code count} parts of equal height. */
    public static void requireParts(String name, Matrix matrix, int count) {
        if (count < 1 || matrix.rows() % count != 0) {
            throw new IllegalArgumentException(
                    name + ": " + matrix.rows() + " rows (expected: " + count + " parts of equal height)");
        }
    }

    /** Demands as many rows as columns. */
    public static void requireSquare(String name, Matrix matrix) {
        if (matrix.rows() != matrix.columns()) {
            throw new IllegalArgumentException(
                    name + ": " + matrix.rows() + " x " + matrix.columns() + " (expected: a square matrix)");
        }
    }

    /** Demands a square matrix whose order is a multiple of {@code block}. */
    public static void requireBlocks(String name, Matrix matrix, int block) {
        requireSquare(name, matrix);
        if (block < 1 || matrix.rows() % block != 0) {
            throw new IllegalArgumentException(
                    name + ": order " + matrix.rows() + " (expected: a multiple of the block size " + block + ")");
        }
    }

    /** Demands one code for every {@code dimension} elements of a matrix. */
    public static void requireCodes(int codes, int rows, int columns, int dimension) {
        if (columns % dimension != 0 || (long) rows * columns != (long) codes * dimension) {
            throw new IllegalArgumentException("codes: " + codes + " (expected: one for every " + dimension + " of "
                    + rows + " x " + columns + " weights)");
        }
    }

    private static IllegalArgumentException mismatch(
            String name, int rows, int columns, int wanted, int wantedColumns) {
        return new IllegalArgumentException(
                name + ": " + rows + " x " + columns + " (expected: " + wanted + " x " + wantedColumns + ")");
    }

    /** Fails unless {@code bytes} are those of all elements of {@code matrix} in this format. */
    public static void requireBytes(FloatFormat format, long bytes, Matrix matrix) {
        long expected = (long) matrix.rows() * matrix.columns() * format.bytes();
        if (bytes != expected) {
            throw new IllegalArgumentException("elements: " + bytes + " bytes (expected: " + expected + " for "
                    + matrix.rows() + " x " + matrix.columns() + " in " + format + ")");
        }
    }
}
