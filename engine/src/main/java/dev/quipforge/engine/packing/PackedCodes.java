package dev.quipforge.engine.packing;

import dev.quipforge.engine.codebook.Codebook;
import dev.quipforge.engine.codebook.EightP;
import dev.quipforge.engine.codebook.ResidualEightP;
import dev.quipforge.engine.codebook.ScalarGrid;

/**
 * The codes of a matrix in the layout that checkpoints have for their codebook, as words of 32 bits; those of 64 bits with
 * the low half first.
 */
public final class PackedCodes {

    private PackedCodes() {}

    /** Words that the codes of a matrix take, [rows × columns] of them. */
    public static int words(Codebook codebook, int rows, int columns) {
        return Math.multiplyExact(
                rows,
                switch (codebook) {
                    case EightP _ -> columns / 2;
                    case ResidualEightP _ -> 2 * ResidualPacking.wordsPerRow(codebook.bits(), columns);
                    case ScalarGrid _ -> GridPacking.wordsPerRow(codebook.bits(), columns);
                });
    }

    /**
     * Unpacks codes.
     *
     * @param codebook decides the layout
     * @param words {@link #words} of them
     * @param rows m
     * @param columns codes in a row
     * @return the codes, row by row
     * @throws IllegalArgumentException when the words are not those of such a matrix
     */
    public static int[] unpack(Codebook codebook, int[] words, int rows, int columns) {
        requireWords(codebook, words, rows, columns);
        return switch (codebook) {
            case EightP _ -> EightPPacking.unpack(joined(words), rows, columns);
            case ResidualEightP _ -> ResidualPacking.unpack(codebook.bits(), joined(words), rows, columns);
            case ScalarGrid _ -> GridPacking.unpack(codebook.bits(), words, columns);
        };
    }

    /** Fails unless there are as many words as a matrix of this shape has, and the layout has such a shape. */
    public static void requireWords(Codebook codebook, int[] words, int rows, int columns) {
        int expected = words(codebook, rows, columns);
        boolean fits = codebook instanceof ScalarGrid || EightPPacking.fits(rows, columns);
        if (words.length != expected || !fits) {
            throw new IllegalArgumentException("packed codes of " + codebook.name() + ": " + words.length
                    + " words for " + rows + " x " + columns + " (expected: " + expected
                    + (fits ? ")" : ", multiples of 16 and 8)"));
        }
    }

    /** The halves of words of 64 bits, the low one first. */
    public static int[] halves(long[] words) {
        int[] halves = new int[Math.multiplyExact(words.length, 2)];
        for (int i = 0; i < words.length; i++) {
            halves[2 * i] = (int) words[i];
            halves[2 * i + 1] = (int) (words[i] >>> Integer.SIZE);
        }
        return halves;
    }

    private static long[] joined(int[] halves) {
        long[] words = new long[halves.length / 2];
        for (int i = 0; i < words.length; i++) {
            words[i] = Integer.toUnsignedLong(halves[2 * i]) | (long) halves[2 * i + 1] << Integer.SIZE;
        }
        return words;
    }
}
