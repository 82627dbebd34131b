package dev.quipforge.cuda.driver;

import dev.quipforge.engine.compute.IntMatrix;
import java.util.Objects;

/**
 * Integers in the memory of a device, row by row without gaps; their workspace owns them.
 *
 * @param address of row 0, column 0
 * @param rows number of rows
 * @param columns number of columns
 */
public record DeviceIntMatrix(long address, int rows, int columns) implements IntMatrix {

    /** The device form of {@code matrix}; an error when it lives elsewhere. */
    public static DeviceIntMatrix require(IntMatrix matrix) {
        if (matrix instanceof DeviceIntMatrix device) {
            return device;
        }
        throw new IllegalArgumentException(
                "integers: " + matrix.getClass().getSimpleName() + " (expected: in the memory of the cuda backend)");
    }

    /** Number of elements. */
    public int size() {
        return Math.multiplyExact(rows, columns);
    }

    @Override
    public DeviceIntMatrix rows(int from, int to) {
        Objects.checkFromToIndex(from, to, rows);
        return new DeviceIntMatrix(address + (long) from * columns * Integer.BYTES, to - from, columns);
    }

    @Override
    public DeviceIntMatrix reshape(int newRows, int newColumns) {
        if ((long) newRows * newColumns != (long) rows * columns) {
            throw new IllegalArgumentException(
                    "integers: " + rows + " x " + columns + " as " + newRows + " x " + newColumns);
        }
        return new DeviceIntMatrix(address, newRows, newColumns);
    }
}
