package dev.quipforge.cuda.ops;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The codes of eight weights at a time, split into a plane of 16-bit words and what remains of 3 or 4 bits a weight.
 *
 * @param first [rows x octets] of 16 bits
 * @param second [rows x octets] of 8 or 16 bits; empty for 2 bits a weight
 */
record CodePlanes(MemorySegment first, MemorySegment second) {

    private static final int OCTET = 8;

    /**
     * Splits codes.
     *
     * @param arena owner of the planes
     * @param dimension weights of a code, 1 or 8
     * @param bits of a weight
     * @param codes row by row
     * @param columns weights of a row
     */
    static CodePlanes of(Arena arena, int dimension, int bits, int[] codes, int columns) {
        int octets = Math.ceilDiv(columns, OCTET);
        int perRow = columns / dimension;
        int rows = perRow == 0 ? 0 : codes.length / perRow;
        long count = (long) rows * octets;
        MemorySegment first = arena.allocate(JAVA_SHORT, count);
        MemorySegment second = arena.allocate((bits - 2) * count, Short.BYTES);
        for (int row = 0; row < rows; row++) {
            for (int octet = 0; octet < octets; octet++) {
                int at = row * perRow + octet * OCTET / dimension;
                int end = Math.min((row + 1) * perRow, at + OCTET / dimension);
                long index = (long) row * octets + octet;
                put(
                        dimension == 1 ? together(bits, codes, at, end) : stages(bits, codes[at]),
                        bits,
                        index,
                        first,
                        second);
            }
        }
        return new CodePlanes(first, second);
    }

    /** Single codes side by side, the first lowest. */
    private static int together(int bits, int[] codes, int from, int to) {
        int all = 0;
        for (int i = to - 1; i >= from; i--) {
            all = all << bits | codes[i];
        }
        return all;
    }

    /** The code of the first stage of a lattice lowest. */
    private static int stages(int bits, int code) {
        int residual = (bits - 2) * OCTET;
        return code >>> residual | (code & ((1 << residual) - 1)) << Short.SIZE;
    }

    private static void put(int octet, int bits, long index, MemorySegment first, MemorySegment second) {
        first.setAtIndex(JAVA_SHORT, index, (short) octet);
        if (bits == 3) {
            second.setAtIndex(JAVA_BYTE, index, (byte) (octet >>> Short.SIZE));
        } else if (bits == 4) {
            second.setAtIndex(JAVA_SHORT, index, (short) (octet >>> Short.SIZE));
        }
    }
}
