package dev.quipforge.engine.packing;

import java.util.Arrays;

/**
 * QuIP#'s layout of residual E8P codes of 3 and 4 bits: in every row the words of the first stage, then those of the
 * second. The first stage and a second one of E8P are packed by {@link EightPPacking} and then seen as rows; the bytes of
 * E81B lie one after the other, the first in the lowest byte of a word.
 */
public final class ResidualPacking {

    private ResidualPacking() {}

    /** Words in a row of the packed tensor: n / 32 for the first stage and n / 64 (3 bits) or n / 32 (4 bits) more. */
    public static int wordsPerRow(int bits, int columns) {
        return columns / 4 + secondPerRow(bits, columns);
    }

    /**
     * Packs codes.
     *
     * @param bits 3 or 4
     * @param codes codes of both stages, the first above the second, row by row, [rows × columns]
     * @param rows m, a multiple of 16
     * @param columns n / 8, a multiple of 8
     */
    public static long[] pack(int bits, int[] codes, int rows, int columns) {
        int secondBits = secondBits(bits);
        int mask = (1 << secondBits) - 1;
        int[] firsts = Arrays.stream(codes).map(code -> code >>> secondBits).toArray();
        int[] seconds = Arrays.stream(codes).map(code -> code & mask).toArray();
        long[] first = EightPPacking.pack(firsts, rows, columns);
        long[] second = bits == 4 ? EightPPacking.pack(seconds, rows, columns) : bytes(seconds);
        int firstPerRow = columns / 4;
        int secondPerRow = secondPerRow(bits, columns);
        long[] words = new long[rows * wordsPerRow(bits, columns)];
        for (int row = 0; row < rows; row++) {
            int start = row * (firstPerRow + secondPerRow);
            System.arraycopy(first, row * firstPerRow, words, start, firstPerRow);
            System.arraycopy(second, row * secondPerRow, words, start + firstPerRow, secondPerRow);
        }
        return words;
    }

    /**
     * Unpacks codes.
     *
     * @param bits 3 or 4
     * @param words as {@link #pack} gives them
     * @param rows m, a multiple of 16
     * @param columns n / 8, a multiple of 8
     */
    public static int[] unpack(int bits, long[] words, int rows, int columns) {
        int firstPerRow = columns / 4;
        int secondPerRow = secondPerRow(bits, columns);
        if (words.length != rows * (firstPerRow + secondPerRow)) {
            throw new IllegalArgumentException(
                    "packed words: " + words.length + " (expected: " + rows * (firstPerRow + secondPerRow) + ")");
        }
        long[] first = new long[rows * firstPerRow];
        long[] second = new long[rows * secondPerRow];
        for (int row = 0; row < rows; row++) {
            int start = row * (firstPerRow + secondPerRow);
            System.arraycopy(words, start, first, row * firstPerRow, firstPerRow);
            System.arraycopy(words, start + firstPerRow, second, row * secondPerRow, secondPerRow);
        }
        int[] codes = EightPPacking.unpack(first, rows, columns);
        for (int i = 0; i < codes.length; i++) {
            codes[i] <<= secondBits(bits);
        }
        int[] seconds = bits == 4 ? EightPPacking.unpack(second, rows, columns) : null;
        for (int i = 0; i < codes.length; i++) {
            codes[i] |= seconds == null ? (int) (second[i / 8] >>> (8 * (i % 8)) & 0xFF) : seconds[i];
        }
        return codes;
    }

    private static long[] bytes(int[] codes) {
        long[] words = new long[codes.length / 8];
        for (int i = 0; i < codes.length; i++) {
            words[i / 8] |= (long) codes[i] << (8 * (i % 8));
        }
        return words;
    }

    private static int secondPerRow(int bits, int columns) {
        return columns * secondBits(bits) / Long.SIZE;
    }

    private static int secondBits(int bits) {
        if (bits != 3 && bits != 4) {
            throw new IllegalArgumentException("bits: " + bits + " (expected: 3 or 4)");
        }
        return (bits - 2) * 8;
    }
}
