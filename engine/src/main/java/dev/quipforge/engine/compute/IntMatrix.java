package dev.quipforge.engine.compute;

/** Dense row-major 32-bit integers, wherever they live: token ids, trellis states. A view owns nothing. */
public interface IntMatrix {

    /** Number of rows. */
    int rows();

    /** Number of columns. */
    int columns();

    /** Rows {@code from} to {@code to}, exclusive; writes go through. */
    IntMatrix rows(int from, int to);

    /**
     * The same integers, row after row, in another shape; writes go through.
     *
     * @throws IllegalArgumentException when their number differs
     */
    IntMatrix reshape(int rows, int columns);
}
