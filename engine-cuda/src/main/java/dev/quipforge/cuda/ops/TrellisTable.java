package dev.quipforge.cuda.ops;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.quipforge.cuda.driver.DeviceMemory;
import dev.quipforge.cuda.driver.Transfers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The code values of a trellis on a device, [2^L x V] row by row.
 *
 * @param exact address of the values in fp32
 * @param rounded address of the values in fp16
 * @param largest the largest magnitude
 */
record TrellisTable(long exact, long rounded, float largest) {

    /** Puts the values onto the device, where they stay. */
    static TrellisTable upload(float[] values, DeviceMemory memory, Transfers transfers) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment halves = arena.allocate(JAVA_SHORT, values.length);
            float largest = 0;
            for (int i = 0; i < values.length; i++) {
                halves.setAtIndex(JAVA_SHORT, i, Float.floatToFloat16(values[i]));
                largest = Math.max(largest, Math.abs(values[i]));
            }
            MemorySegment floats = arena.allocateFrom(JAVA_FLOAT, values);
            long exact = memory.allocate("trellis code", floats.byteSize());
            long rounded = memory.allocate("trellis code in fp16", halves.byteSize());
            transfers.upload(floats, exact);
            transfers.upload(halves, rounded);
            return new TrellisTable(exact, rounded, largest);
        }
    }
}
