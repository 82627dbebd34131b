package dev.quipforge.cuda.library;

import dev.quipforge.cuda.driver.Scratch;

/**
 * A matrix of bf16 in the memory of a device; some {@link Scratch} owns it.
 *
 * @param address of row 0, column 0
 * @param rows number of rows
 * @param columns number of columns
 * @param stride elements from one row to the next
 */
public record HalfMatrix(long address, int rows, int columns, int stride) {

    /** Columns {@code from} to {@code to}, exclusive. */
    HalfMatrix columns(int from, int to) {
        return new HalfMatrix(address + (long) from * Short.BYTES, rows, to - from, stride);
    }
}
