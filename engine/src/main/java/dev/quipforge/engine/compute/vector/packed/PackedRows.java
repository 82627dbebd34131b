package dev.quipforge.engine.compute.vector.packed;

import dev.quipforge.engine.compute.PackedMatrix;

/** A packed matrix in memory of the JVM, and how it is multiplied on one thread. */
abstract class PackedRows implements PackedMatrix {

    private final int rows;
    private final int columns;

    PackedRows(int rows, int columns) {
        this.rows = rows;
        this.columns = columns;
    }

    @Override
    public final int rows() {
        return rows;
    }

    @Override
    public final int columns() {
        return columns;
    }

    /** Elements that the vector of {@link #multiply} has; those beyond the columns are zero. */
    int paddedColumns() {
        return columns;
    }

    /** Rows that are packed together. */
    abstract int height();

    /**
     * The products of some rows with a vector.
     *
     * @param vector of {@link #paddedColumns()} elements
     * @param first the first row, a multiple of {@link #height()}
     * @param end where they end, a multiple of {@link #height()}
     * @param sums receives end − first products; zeros before
     */
    abstract void multiply(float[] vector, int first, int end, float[] sums);

    @Override
    public final void close() {
        // memory of the JVM
    }
}
