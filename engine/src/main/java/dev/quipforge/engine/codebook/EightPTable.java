package dev.quipforge.engine.codebook;

import java.util.Arrays;
import java.util.List;

/**
 * The 256 vectors of absolute values of E8P: all of {1/2, 3/2, 5/2}⁸ with squared norm at most 10, in ascending order,
 * then 29 of squared norm 12. Values are kept doubled: 1, 3, 5.
 */
final class EightPTable {

    static final int ROWS = 256;
    static final int DIMENSION = 8;

    /** Doubled values of row i at 8 · i. */
    static final byte[] ROW = new byte[ROWS * DIMENSION];

    /** Coordinate i of every row at [i]. */
    static final double[][] COLUMNS = new double[DIMENSION][ROWS];

    /** The squared norm of every row. */
    static final double[] NORMS = new double[ROWS];

    /** Whether the coordinates of a row have an odd sum. */
    private static final boolean[] ODD = new boolean[ROWS];

    /** Where the three halves of the last 29 rows are; the other five coordinates are 3/2. */
    private static final List<String> LAST = List.of(
            "123", "023", "013", "012", "367", "357", "347", "356", "346", "345", "267", "257", "247", "256", "246",
            "245", "167", "157", "147", "156", "146", "045", "067", "057", "047", "056", "046", "014", "237");

    /** Row by its digits in base 3, −1 where there is none. */
    private static final short[] ROW_OF_KEY = new short[6561];

    static {
        int row = 0;
        Arrays.fill(ROW_OF_KEY, (short) -1);
        for (int key = 0; key < ROW_OF_KEY.length; key++) {
            byte[] vector = vector(key);
            if (squaredNorm(vector) <= 4 * 10) {
                put(row++, vector);
            }
        }
        for (String halves : LAST) {
            byte[] vector = new byte[DIMENSION];
            for (int i = 0; i < DIMENSION; i++) {
                vector[i] = (byte) (halves.indexOf('0' + i) >= 0 ? 1 : 3);
            }
            put(row++, vector);
        }
        if (row != ROWS) {
            throw new IllegalStateException("E8P: " + row + " rows (expected: " + ROWS + ")");
        }
    }

    private EightPTable() {}

    /** The row with these doubled absolute values, −1 when there is none. */
    static int row(int[] doubled) {
        int key = 0;
        for (int value : doubled) {
            int magnitude = Math.abs(value);
            if (magnitude > 5) {
                return -1;
            }
            key = 3 * key + (magnitude - 1) / 2;
        }
        return ROW_OF_KEY[key];
    }

    /** Whether the coordinates of a row have an odd sum. */
    static boolean isOdd(int row) {
        return ODD[row];
    }

    private static void put(int row, byte[] vector) {
        System.arraycopy(vector, 0, ROW, row * DIMENSION, DIMENSION);
        int key = 0;
        int sum = 0;
        for (int i = 0; i < DIMENSION; i++) {
            key = 3 * key + (vector[i] - 1) / 2;
            sum += vector[i];
            COLUMNS[i][row] = vector[i] / 2.0;
        }
        ROW_OF_KEY[key] = (short) row;
        NORMS[row] = squaredNorm(vector) / 4.0;
        ODD[row] = sum / 2 % 2 == 1;
    }

    /** The doubled vector whose digits in base 3, the first most significant, are {@code key}. */
    private static byte[] vector(int key) {
        byte[] vector = new byte[DIMENSION];
        int rest = key;
        for (int i = DIMENSION - 1; i >= 0; i--) {
            vector[i] = (byte) (2 * (rest % 3) + 1);
            rest /= 3;
        }
        return vector;
    }

    private static int squaredNorm(byte[] vector) {
        int norm = 0;
        for (byte value : vector) {
            norm += value * value;
        }
        return norm;
    }
}
