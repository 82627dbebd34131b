package dev.quipforge.engine.rounding;

import dev.quipforge.engine.compute.CodebookOps;
import dev.quipforge.engine.compute.Matrix;

/** Rounds the columns of one block to values that a code can represent. */
@FunctionalInterface
public interface BlockRounder {

    /**
     * Rounds one block of columns.
     *
     * @param firstColumn the first column of the block in the whole matrix
     * @param target what to round, [m × block], rows without gaps; may be overwritten
     * @param rounded receives the rounded values, same shape, rows without gaps
     */
    void round(int firstColumn, Matrix target, Matrix rounded);

    /**
     * Rounds a span of single columns with the feedback inside it at once, where that can be done; only for blocks of one column.
     *
     * @param firstColumn the first column of the span in the whole matrix
     * @param span what to round
     * @return whether it was done; if not, nothing is changed
     */
    default boolean roundSpan(int firstColumn, CodebookOps.Span span) {
        return false;
    }
}
