package dev.quipforge.cuda.ops;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.cuda.driver.DeviceMemory;
import dev.quipforge.cuda.driver.Transfers;
import dev.quipforge.engine.codebook.ScalarGrid;
import java.lang.foreign.Arena;

/**
 * A scalar grid on a device.
 *
 * @param values address of the values in ascending order
 * @param thresholds address of the means of neighbours
 * @param count number of values
 */
record GridTable(long values, long thresholds, int count) {

    /** Puts the grid onto the device, where it stays. */
    static GridTable upload(ScalarGrid grid, DeviceMemory memory, Transfers transfers) {
        float[] values = grid.values();
        float[] thresholds = new float[values.length - 1];
        for (int i = 0; i < thresholds.length; i++) {
            thresholds[i] = (values[i] + values[i + 1]) / 2;
        }
        long first = memory.allocate("grid", (long) values.length * Float.BYTES);
        long second = memory.allocate("thresholds of a grid", (long) thresholds.length * Float.BYTES);
        try (Arena arena = Arena.ofConfined()) {
            transfers.upload(arena.allocateFrom(JAVA_FLOAT, values), first);
            transfers.upload(arena.allocateFrom(JAVA_FLOAT, thresholds), second);
        }
        return new GridTable(first, second, values.length);
    }
}
