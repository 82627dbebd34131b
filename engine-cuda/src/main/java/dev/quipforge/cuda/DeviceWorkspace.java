package dev.quipforge.cuda;

import dev.quipforge.cuda.driver.DeviceIntMatrix;
import dev.quipforge.cuda.driver.DeviceMatrix;
import dev.quipforge.cuda.driver.DeviceMemory;
import dev.quipforge.cuda.driver.OwnedMemory;
import dev.quipforge.cuda.driver.Transfers;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Workspace;

/** Memory of a device with one owner. */
final class DeviceWorkspace implements Workspace {

    private final OwnedMemory memory;
    private final Transfers transfers;

    DeviceWorkspace(DeviceMemory memory, Transfers transfers) {
        this.memory = new OwnedMemory(memory);
        this.transfers = transfers;
    }

    @Override
    public DeviceMatrix matrix(int rows, int columns) {
        DeviceMatrix matrix = unset(rows, columns);
        transfers.clear(matrix.address(), matrix.size() * Float.BYTES);
        return matrix;
    }

    @Override
    public DeviceMatrix copyOf(HostMatrix source) {
        DeviceMatrix matrix = unset(source.rows(), source.columns());
        transfers.upload(source, matrix);
        return matrix;
    }

    private DeviceMatrix unset(int rows, int columns) {
        return new DeviceMatrix(allocate("matrix", rows, columns), rows, columns, columns);
    }

    @Override
    public IntMatrix integers(int rows, int columns) {
        DeviceIntMatrix integers = new DeviceIntMatrix(allocate("integers", rows, columns), rows, columns);
        transfers.clear(integers.address(), (long) rows * columns * Integer.BYTES);
        return integers;
    }

    @Override
    public IntMatrix copyOf(int rows, int columns, int[] source) {
        if (source.length != (long) rows * columns) {
            throw new IllegalArgumentException(
                    "integers: " + source.length + " (expected: " + rows + " x " + columns + ")");
        }
        DeviceIntMatrix integers = new DeviceIntMatrix(allocate("integers", rows, columns), rows, columns);
        transfers.upload(source, integers.address());
        return integers;
    }

    private long allocate(String kind, int rows, int columns) {
        if (rows < 0 || columns < 0) {
            throw new IllegalArgumentException(kind + ": " + rows + " x " + columns + " (expected: no negative size)");
        }
        return memory.allocate(kind + " " + rows + " x " + columns, (long) rows * columns * Float.BYTES);
    }

    @Override
    public long allocatedBytes() {
        return memory.bytes();
    }

    @Override
    public void close() {
        memory.close();
    }
}
