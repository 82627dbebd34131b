package dev.quipforge.engine.codebook;

import java.util.Arrays;

/**
 * QuIP#'s E8P: 65,536 vectors of the lattice E8 shifted by 1/4, two bits a weight. The high byte of a code is a row of
 * absolute values ({@link EightPTable}), the low byte the signs, whose parity is the direction of the shift (QuIP#, section
 * 4.2, as in its program).
 */
public final class EightP implements Codebook {

    /** There is only one. */
    public static final EightP CODEBOOK = new EightP();

    private static final int DIMENSION = EightPTable.DIMENSION;

    /** Bit of the sign byte that belongs to each coordinate. */
    private static final int[] SIGN_BIT = {0, 4, 1, 5, 2, 6, 3, 7};

    private static final float SHIFT = 0.25f;

    private EightP() {}

    @Override
    public String name() {
        return "e8p";
    }

    @Override
    public int bits() {
        return 2;
    }

    @Override
    public int dimension() {
        return DIMENSION;
    }

    @Override
    public double scale() {
        return 1.03;
    }

    /** The loss on the demo model is least here; at the 0.9 that QuIP# recommends (appendix F.5) the loss is 5 % larger. */
    @Override
    public double scaleWithFeedback() {
        return 1;
    }

    @Override
    public void decode(int code, float[] vector, int first) {
        int row = code >>> 8;
        int signs = code & 0xFF;
        boolean down = Integer.bitCount(signs) % 2 == 1;
        if (down) {
            signs ^= 1;
        }
        if (EightPTable.isOdd(row)) {
            signs ^= 1 << SIGN_BIT[DIMENSION - 1];
        }
        for (int i = 0; i < DIMENSION; i++) {
            float magnitude = EightPTable.ROW[row * DIMENSION + i] / 2f;
            boolean negative = ((signs >>> SIGN_BIT[i]) & 1) == 1;
            vector[first + i] = (negative ? -magnitude : magnitude) + (down ? -SHIFT : SHIFT);
        }
    }

    @Override
    public int encode(float[] vector, int first) {
        int[] up = new int[DIMENSION];
        int[] down = new int[DIMENSION];
        double distanceUp = nearest(vector, first, -SHIFT, up);
        double distanceDown = nearest(vector, first, SHIFT, down);
        return distanceDown < distanceUp ? code(down, true) : code(up, false);
    }

    /**
     * Codes of vectors near x, as candidates for a first stage: for either direction of the shift the nearest vector, then
     * its neighbour, which lies on the other side of x in the two coordinates where x is farthest from both.
     *
     * @param vector holds x
     * @param first where it begins
     * @param codes receives four codes, −1 for a neighbour that E8P does not have
     */
    static void near(float[] vector, int first, int[] codes) {
        int[] found = new int[DIMENSION];
        int[] neighbour = new int[DIMENSION];
        for (int i = 0; i < 2; i++) {
            boolean down = i == 1;
            double[] target = target(vector, first, down ? SHIFT : -SHIFT);
            roundToLattice(target, found, neighbour);
            codes[2 * i + 1] = EightPTable.row(neighbour) < 0 ? -1 : code(neighbour, down);
            inTable(target, found);
            codes[2 * i] = code(found, down);
        }
    }

    /** The code of a doubled vector of the unshifted lattice. */
    private static int code(int[] doubled, boolean down) {
        int row = EightPTable.row(doubled);
        int signs = 0;
        for (int i = 0; i < DIMENSION; i++) {
            signs |= doubled[i] < 0 ? 1 << SIGN_BIT[i] : 0;
        }
        if (EightPTable.isOdd(row)) {
            signs ^= 1 << SIGN_BIT[DIMENSION - 1];
        }
        return row << 8 | (down ? signs ^ 1 : signs);
    }

    /**
     * The unshifted vector nearest to x + {@code offset}.
     *
     * @param found receives it, doubled
     * @return its squared distance
     */
    private static double nearest(float[] vector, int first, float offset, int[] found) {
        double[] target = target(vector, first, offset);
        roundToLattice(target, found, new int[DIMENSION]);
        inTable(target, found);
        double distance = 0;
        for (int i = 0; i < DIMENSION; i++) {
            double difference = target[i] - found[i] / 2.0;
            distance += difference * difference;
        }
        return distance;
    }

    private static double[] target(float[] vector, int first, float offset) {
        double[] target = new double[DIMENSION];
        for (int i = 0; i < DIMENSION; i++) {
            target[i] = (double) vector[first + i] + offset;
        }
        return target;
    }

    /** Puts the nearest vector of the table in place of one that is not there. */
    private static void inTable(double[] target, int[] found) {
        if (EightPTable.row(found) < 0) {
            search(target, found);
        }
    }

    /**
     * The nearest of all half-integer vectors with an even sum, doubled.
     *
     * @param found receives it
     * @param neighbour receives the vector that differs in the two coordinates where that costs least
     */
    private static void roundToLattice(double[] target, int[] found, int[] neighbour) {
        int sum = 0;
        int farthest = 0;
        int second = 1;
        double most = -1;
        double next = -1;
        for (int i = 0; i < DIMENSION; i++) {
            double below = Math.floor(target[i]);
            // far beyond all vectors of the table: only that it is beyond matters
            found[i] = (int) Math.clamp(2 * below + 1, -99, 99);
            neighbour[i] = found[i];
            sum += found[i];
            double error = Math.abs(target[i] - below - 0.5);
            if (error > most) {
                second = farthest;
                next = most;
                farthest = i;
                most = error;
            } else if (error > next) {
                second = i;
                next = error;
            }
        }
        boolean even = sum / 2 % 2 == 0;
        int[] other = even ? neighbour : found;
        other[farthest] = across(target[farthest], other[farthest]);
        neighbour[second] = across(target[second], neighbour[second]);
    }

    /** The half-integer, doubled, on the other side of {@code value}. */
    private static int across(double value, int doubled) {
        return doubled + (value > doubled / 2.0 ? 2 : -2);
    }

    /**
     * The nearest vector of the table, from all its rows. The signs are those of the target; where that makes the sum odd,
     * the one is flipped that costs least.
     */
    private static void search(double[] target, int[] found) {
        double[] products = new double[EightPTable.ROWS];
        double[] least = new double[EightPTable.ROWS];
        Arrays.fill(least, Double.POSITIVE_INFINITY);
        boolean odd = false;
        for (int i = 0; i < DIMENSION; i++) {
            double magnitude = Math.abs(target[i]);
            double[] column = EightPTable.COLUMNS[i];
            for (int row = 0; row < EightPTable.ROWS; row++) {
                double product = magnitude * column[row];
                products[row] += product;
                least[row] = Math.min(least[row], product);
            }
            odd ^= target[i] < 0;
        }
        int best = best(products, least, odd);
        for (int i = 0; i < DIMENSION; i++) {
            int value = EightPTable.ROW[best * DIMENSION + i];
            boolean negative = target[i] < 0;
            if (EightPTable.isOdd(best) != odd && Math.abs(target[i]) * EightPTable.COLUMNS[i][best] == least[best]) {
                negative = !negative;
                odd = !odd;
            }
            found[i] = negative ? -value : value;
        }
    }

    /** The row with the largest 2 x · v − v², v with an even sum. */
    private static int best(double[] products, double[] least, boolean odd) {
        int best = 0;
        double most = Double.NEGATIVE_INFINITY;
        for (int row = 0; row < EightPTable.ROWS; row++) {
            double flipped = EightPTable.isOdd(row) == odd ? 0 : 4 * least[row];
            double gain = 2 * products[row] - EightPTable.NORMS[row] - flipped;
            if (gain > most) {
                most = gain;
                best = row;
            }
        }
        return best;
    }
}
