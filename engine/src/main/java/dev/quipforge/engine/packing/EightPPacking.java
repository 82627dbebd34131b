package dev.quipforge.engine.packing;

/**
 * QuIP#'s layout of 16-bit E8P codes (codebook version 1): a word of 64 bits holds the codes of 2 rows × 16 weights, a
 * tile of 32 words those of 16 rows × 64 weights; the high bytes lie in the low half of a word, and the sign bytes are
 * interleaved bit by bit in the high half.
 */
public final class EightPPacking {

    private static final int TILE_ROWS = 16;
    private static final int TILE_COLUMNS = 8;

    private EightPPacking() {}

    /**
     * Packs codes.
     *
     * @param codes 16-bit codes, row by row, [rows × columns]
     * @param rows m, a multiple of 16
     * @param columns n / 8, a multiple of 8
     */
    public static long[] pack(int[] codes, int rows, int columns) {
        requireShape(codes.length, 1, rows, columns);
        long[] words = new long[codes.length / 4];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                words[word(row, column, columns)] |= part(codes[row * columns + column], slot(row, column));
            }
        }
        return words;
    }

    /**
     * Unpacks codes.
     *
     * @param words as {@link #pack} gives them
     * @param rows m, a multiple of 16
     * @param columns n / 8, a multiple of 8
     */
    public static int[] unpack(long[] words, int rows, int columns) {
        requireShape(words.length, 4, rows, columns);
        int[] codes = new int[rows * columns];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                codes[row * columns + column] = code(words[word(row, column, columns)], slot(row, column));
            }
        }
        return codes;
    }

    private static long part(int code, int slot) {
        long part = (code >>> 8 & 0xFFL) << (8 * slot);
        for (int bit = 0; bit < 8; bit++) {
            part |= (code >>> bit & 1L) << (32 + 4 * bit + slot);
        }
        return part;
    }

    private static int code(long word, int slot) {
        int code = (int) (word >>> (8 * slot) & 0xFF) << 8;
        for (int bit = 0; bit < 8; bit++) {
            code |= (int) (word >>> (32 + 4 * bit + slot) & 1) << bit;
        }
        return code;
    }

    private static int word(int row, int column, int columns) {
        int tile = row / TILE_ROWS * (columns / TILE_COLUMNS) + column / TILE_COLUMNS;
        return tile * 32 + row % TILE_ROWS / 2 * 4 + column % TILE_COLUMNS / 2;
    }

    private static int slot(int row, int column) {
        return row % 2 + 2 * (column % 2);
    }

    /** Whether the layout has such a shape: whole tiles. */
    static boolean fits(int rows, int columns) {
        return rows % TILE_ROWS == 0 && columns % TILE_COLUMNS == 0;
    }

    private static void requireShape(int length, int each, int rows, int columns) {
        if (!fits(rows, columns) || (long) rows * columns != (long) length * each) {
            throw new IllegalArgumentException("E8P codes: " + rows + " x " + columns + " in " + length
                    + " (expected: multiples of " + TILE_ROWS + " and " + TILE_COLUMNS + ", all there)");
        }
    }
}
