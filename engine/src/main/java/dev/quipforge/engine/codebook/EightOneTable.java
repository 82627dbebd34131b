package dev.quipforge.engine.codebook;

/**
 * E81B, the 256 vectors of the second stage of 3-bit E8P: the short vectors of the lattice E8 and 15 of the next shell
 * (QuIP#, section 4.3, as in its program). Values are kept doubled.
 */
final class EightOneTable {

    static final int ROWS = 256;
    static final int DIMENSION = 8;

    /** Doubled values of row i at 8 · i. */
    static final byte[] ROW = new byte[ROWS * DIMENSION];

    /** Coordinate i of every row at [i]. */
    static final float[][] COLUMNS = new float[DIMENSION][ROWS];

    /** Minus the squared norm of every row. */
    static final float[] NEGATIVE_NORMS = new float[ROWS];

    static {
        int row = 0;
        for (int key = 0; key < 6561; key++) {
            row += put(row, key, 3, 2, -2);
        }
        for (int key = 0; key < 256; key++) {
            row += put(row, key, 2, 2, -1);
        }
        for (int i = 0; i < 2 * DIMENSION - 1; i++) {
            ROW[row * DIMENSION + i % DIMENSION] = (byte) (i < DIMENSION ? 4 : -4);
            row++;
        }
        if (row != ROWS) {
            throw new IllegalStateException("E81B: " + row + " rows (expected: " + ROWS + ")");
        }
        for (int i = 0; i < ROW.length; i++) {
            float value = ROW[i] / 2f;
            COLUMNS[i % DIMENSION][i / DIMENSION] = value;
            NEGATIVE_NORMS[i / DIMENSION] -= value * value;
        }
    }

    private EightOneTable() {}

    /**
     * Puts the vector whose digits are {@code key}, the first most significant, if it is in the lattice and short.
     *
     * @param row where to put it
     * @param key digits in base {@code base}
     * @param base number of values a coordinate can have
     * @param step distance of these values, doubled
     * @param least the least of them, doubled
     * @return rows put, 0 or 1
     */
    private static int put(int row, int key, int base, int step, int least) {
        byte[] vector = new byte[DIMENSION];
        int rest = key;
        int norm = 0;
        int sum = 0;
        for (int i = DIMENSION - 1; i >= 0; i--) {
            vector[i] = (byte) (least + step * (rest % base));
            rest /= base;
            norm += vector[i] * vector[i];
            sum += vector[i];
        }
        if (norm > 4 * 2 || Math.floorMod(sum, 4) != 0) {
            return 0;
        }
        System.arraycopy(vector, 0, ROW, row * DIMENSION, DIMENSION);
        return 1;
    }
}
