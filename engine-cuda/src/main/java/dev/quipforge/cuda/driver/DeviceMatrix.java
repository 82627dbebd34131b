package dev.quipforge.cuda.driver;

import dev.quipforge.engine.compute.Matrix;
import java.util.Objects;

/**
 * A matrix in the memory of a device; its workspace owns it.
 *
 * @param address of row 0, column 0
 * @param rows number of rows
 * @param columns number of columns
 * @param stride floats from the start of one row to the start of the next
 */
public record DeviceMatrix(long address, int rows, int columns, int stride) implements Matrix {

    /** The device form of {@code matrix}; an error when it lives elsewhere. */
    public static DeviceMatrix require(Matrix matrix) {
        if (matrix instanceof DeviceMatrix device) {
            return device;
        }
        throw new IllegalArgumentException(
                "matrix: " + matrix.getClass().getSimpleName() + " (expected: in the memory of the cuda backend)");
    }

    /** Number of elements. */
    public long size() {
        return (long) rows * columns;
    }

    /** Whether the rows follow each other without a gap. */
    public boolean contiguous() {
        return stride == columns || rows <= 1;
    }

    /** The stride as the libraries want it, which is at least 1. */
    public int leading() {
        return Math.max(1, stride);
    }

    @Override
    public DeviceMatrix rows(int from, int to) {
        Objects.checkFromToIndex(from, to, rows);
        return new DeviceMatrix(address + (long) from * stride * Float.BYTES, to - from, columns, stride);
    }

    @Override
    public DeviceMatrix columns(int from, int to) {
        Objects.checkFromToIndex(from, to, columns);
        return new DeviceMatrix(address + (long) from * Float.BYTES, rows, to - from, stride);
    }

    @Override
    public DeviceMatrix reshape(int newRows, int newColumns) {
        if (!contiguous() || (long) newRows * newColumns != size()) {
            throw new IllegalArgumentException("reshape: " + rows + " x " + columns + ", stride " + stride + ", to "
                    + newRows + " x " + newColumns + " (expected: as many elements, without gaps)");
        }
        return new DeviceMatrix(address, newRows, newColumns, newColumns);
    }
}
