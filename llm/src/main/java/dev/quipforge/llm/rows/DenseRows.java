package dev.quipforge.llm.rows;

import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.llm.safetensors.Tensor;
import java.util.Optional;

/**
 * A matrix of floats that is read some rows at a time, however it is stored: as it is, transposed, as one of many in a tensor,
 * as codes with scales. It owns nothing, holds no more than a few rows, and serves several threads; what it reads must be open.
 */
public interface DenseRows {

    /** Number of rows. */
    int rows();

    /** Number of columns. */
    int columns();

    /**
     * Fills {@code target}, as wide as this, with the rows {@code first}, {@code first + step}, {@code first + 2 · step} and
     * so on.
     *
     * @throws IllegalArgumentException when these are not all rows of this
     */
    void copyTo(int first, int step, HostMatrix target);

    /** Fills {@code target}, as wide as this, with the rows from {@code first} on. */
    default void copyTo(int first, HostMatrix target) {
        copyTo(first, 1, target);
    }

    /** The rows {@code from} to {@code to}, exclusive. */
    default DenseRows rows(int from, int to) {
        return new SelectedRows(this, from, 1, to - from);
    }

    /** Every second row, beginning with {@code first}, 0 or 1: one of two matrices whose rows alternate. */
    default DenseRows everySecond(int first) {
        return new SelectedRows(this, first, 2, Math.ceilDiv(rows() - first, 2));
    }

    /** The matrix as a tensor [rows × columns], where it is stored as it is and without gaps; empty otherwise. */
    default Optional<Tensor> stored() {
        return Optional.empty();
    }

    /** Fails unless {@code first}, {@code first + step} … are rows of this, as many as {@code target} has, and as wide. */
    default void requireRows(int first, int step, HostMatrix target) {
        long last = first + Math.max(0, target.rows() - 1L) * step;
        if (target.columns() != columns() || first < 0 || step < 1 || last >= Math.max(rows(), 1)) {
            throw new IllegalArgumentException("rows " + first + " to " + last + " by " + step + " into "
                    + target.rows() + " x " + target.columns() + " (expected: of " + rows() + " x " + columns() + ")");
        }
    }
}
