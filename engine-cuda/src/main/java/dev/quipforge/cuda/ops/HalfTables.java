package dev.quipforge.cuda.ops;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.quipforge.cuda.driver.DeviceMemory;
import dev.quipforge.cuda.driver.Transfers;
import dev.quipforge.engine.codebook.EightP;
import dev.quipforge.engine.codebook.ResidualEightP;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What products with E8P read, on a device, in half precision, which holds all of it exactly.
 *
 * @param lattice address of the 256 rows of absolute values, the last one negative where their sum is odd
 * @param shorts address of the 256 rows of E81B
 */
record HalfTables(long lattice, long shorts) {

    private static final int DIMENSION = 8;
    private static final int ROWS = 256;
    private static final float SHIFT = 0.25f;

    /** Puts the tables onto the device, where they stay. */
    static HalfTables upload(DeviceMemory memory, Transfers transfers) {
        return new HalfTables(put(decodedLattice(), memory, transfers), put(decodedShorts(), memory, transfers));
    }

    /** Without a sign bit all signs but that of the last value are positive. */
    private static float[] decodedLattice() {
        float[] rows = new float[ROWS * DIMENSION];
        for (int row = 0; row < ROWS; row++) {
            EightP.CODEBOOK.decode(row << 8, rows, row * DIMENSION);
        }
        for (int i = 0; i < rows.length; i++) {
            rows[i] -= SHIFT;
        }
        return rows;
    }

    /** What a code of the second stage adds to the vector of its first. */
    private static float[] decodedShorts() {
        ResidualEightP threeBits = ResidualEightP.threeBits();
        float[] rows = new float[ROWS * DIMENSION];
        float[] first = new float[DIMENSION];
        EightP.CODEBOOK.decode(0, first, 0);
        for (int row = 0; row < ROWS; row++) {
            threeBits.decode(row, rows, row * DIMENSION);
            for (int i = 0; i < DIMENSION; i++) {
                int index = row * DIMENSION + i;
                rows[index] = Math.round(2 * threeBits.residualScale() * (rows[index] - first[i])) / 2f;
            }
        }
        return rows;
    }

    private static long put(float[] rows, DeviceMemory memory, Transfers transfers) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment halves = arena.allocate(JAVA_SHORT, rows.length);
            for (int i = 0; i < rows.length; i++) {
                halves.setAtIndex(JAVA_SHORT, i, Float.floatToFloat16(rows[i]));
            }
            long address = memory.allocate("table of E8P", halves.byteSize());
            transfers.upload(halves, address);
            return address;
        }
    }
}
