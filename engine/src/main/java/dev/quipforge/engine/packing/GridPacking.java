package dev.quipforge.engine.packing;

/**
 * Codes of scalar grids, 2 to 4 bits each: every row begins with a new 32-bit word, the first code in the lowest bits; a
 * code may cross into the next word.
 */
public final class GridPacking {

    private GridPacking() {}

    /** Words that a row of {@code columns} codes takes. */
    public static int wordsPerRow(int bits, int columns) {
        return Math.ceilDiv(columns * bits, Integer.SIZE);
    }

    /** Packs codes of {@code bits} bits, row by row, [rows × columns]. */
    public static int[] pack(int bits, int[] codes, int columns) {
        int perRow = wordsPerRow(bits, columns);
        int rows = codes.length / columns;
        int[] words = new int[rows * perRow];
        for (int i = 0; i < rows * columns; i++) {
            int bit = i % columns * bits;
            int word = i / columns * perRow + bit / Integer.SIZE;
            int shift = bit % Integer.SIZE;
            words[word] |= codes[i] << shift;
            if (shift + bits > Integer.SIZE) {
                words[word + 1] |= codes[i] >>> (Integer.SIZE - shift);
            }
        }
        return words;
    }

    /** Unpacks what {@link #pack} made. */
    public static int[] unpack(int bits, int[] words, int columns) {
        int perRow = wordsPerRow(bits, columns);
        int rows = words.length / perRow;
        int[] codes = new int[rows * columns];
        for (int i = 0; i < codes.length; i++) {
            int bit = i % columns * bits;
            int word = i / columns * perRow + bit / Integer.SIZE;
            int shift = bit % Integer.SIZE;
            int code = words[word] >>> shift;
            if (shift + bits > Integer.SIZE) {
                code |= words[word + 1] << (Integer.SIZE - shift);
            }
            codes[i] = code & ((1 << bits) - 1);
        }
        return codes;
    }
}
