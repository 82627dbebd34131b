package dev.quipforge.cuda.ops;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.quipforge.cuda.driver.DeviceMemory;
import dev.quipforge.cuda.driver.Transfers;
import dev.quipforge.engine.codebook.EightP;
import dev.quipforge.engine.codebook.ResidualEightP;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * What the search in E8P reads, on a device; values doubled. All of it is taken from what the codebooks decode.
 *
 * @param rows address of the 256 rows of absolute values
 * @param rowOfKey address of the row by its digits in base 3, -1 where there is none
 * @param shorts address of the 256 rows of E81B
 */
record EightPTables(long rows, long rowOfKey, long shorts) {

    private static final int DIMENSION = 8;
    private static final int ROWS = 256;
    private static final int KEYS = 6561;
    private static final float SHIFT = 0.25f;

    /** Puts the tables onto the device, where they stay. */
    static EightPTables upload(DeviceMemory memory, Transfers transfers) {
        byte[] rows = decodedRows();
        try (Arena arena = Arena.ofConfined()) {
            return new EightPTables(
                    put(arena.allocateFrom(JAVA_BYTE, rows), memory, transfers),
                    put(arena.allocateFrom(JAVA_SHORT, keys(rows)), memory, transfers),
                    put(arena.allocateFrom(JAVA_BYTE, decodedShorts()), memory, transfers));
        }
    }

    private static long put(MemorySegment table, DeviceMemory memory, Transfers transfers) {
        long address = memory.allocate("table of E8P", table.byteSize());
        transfers.upload(table, address);
        return address;
    }

    private static byte[] decodedRows() {
        byte[] rows = new byte[ROWS * DIMENSION];
        float[] vector = new float[DIMENSION];
        for (int row = 0; row < ROWS; row++) {
            EightP.CODEBOOK.decode(row << 8, vector, 0);
            for (int i = 0; i < DIMENSION; i++) {
                rows[row * DIMENSION + i] = (byte) Math.round(2 * Math.abs(vector[i] - SHIFT));
            }
        }
        return rows;
    }

    private static short[] keys(byte[] rows) {
        short[] found = new short[KEYS];
        Arrays.fill(found, (short) -1);
        for (int row = 0; row < ROWS; row++) {
            int key = 0;
            for (int i = 0; i < DIMENSION; i++) {
                key = 3 * key + (rows[row * DIMENSION + i] - 1) / 2;
            }
            found[key] = (short) row;
        }
        return found;
    }

    /** The second stage is what a code adds to the vector of its first. */
    private static byte[] decodedShorts() {
        ResidualEightP threeBits = ResidualEightP.threeBits();
        byte[] shorts = new byte[ROWS * DIMENSION];
        float[] first = new float[DIMENSION];
        float[] both = new float[DIMENSION];
        EightP.CODEBOOK.decode(0, first, 0);
        for (int row = 0; row < ROWS; row++) {
            threeBits.decode(row, both, 0);
            for (int i = 0; i < DIMENSION; i++) {
                shorts[row * DIMENSION + i] = (byte) Math.round(2 * threeBits.residualScale() * (both[i] - first[i]));
            }
        }
        return shorts;
    }
}
