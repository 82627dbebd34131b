package dev.quipforge.engine.compute;

/**
 * A dense row-major view of 32-bit floats, wherever they live: {@link HostMatrix} in memory the CPU can read, other
 * implementations on a device.
 *
 * <p>A view owns nothing; the {@link Workspace} that made its storage frees it. A vector of length n is a 1 × n matrix.
 */
public interface Matrix {

    /** Number of rows. */
    int rows();

    /** Number of columns. */
    int columns();

    /** Rows {@code from} to {@code to}, exclusive; writes go through. */
    Matrix rows(int from, int to);

    /** Columns {@code from} to {@code to}, exclusive; writes go through. */
    Matrix columns(int from, int to);

    /**
     * The same elements, row after row, in another shape; writes go through.
     *
     * @throws IllegalArgumentException when the number of elements differs, or the rows do not follow each other without
     *     a gap
     */
    Matrix reshape(int rows, int columns);
}
