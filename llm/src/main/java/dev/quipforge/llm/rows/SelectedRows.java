package dev.quipforge.llm.rows;

import dev.quipforge.engine.compute.HostMatrix;

/**
 * Rows {@code first}, {@code first + step} … of a matrix.
 *
 * @param source the matrix
 * @param first its row that is row 0 here
 * @param step rows of it from one here to the next
 * @param rows number of rows
 */
record SelectedRows(DenseRows source, int first, int step, int rows) implements DenseRows {

    SelectedRows {
        long end = rows == 0 ? first : first + (rows - 1L) * step + 1;
        if (first < 0 || rows < 0 || end > source.rows()) {
            throw new IllegalArgumentException(
                    "rows " + first + " to " + end + " (expected: of " + source.rows() + ")");
        }
    }

    @Override
    public int columns() {
        return source.columns();
    }

    @Override
    public void copyTo(int from, int by, HostMatrix target) {
        requireRows(from, by, target);
        source.copyTo(first + from * step, Math.multiplyExact(by, step), target);
    }
}
