package dev.quipforge.engine.codebook;

import java.util.ArrayList;
import java.util.List;

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

    /**
     * All vectors with an even sum whose coordinates 0 to 6 are positive but for at most one −1/2; coordinate 7 has either
     * sign. After folding, the nearest of all vectors is one of these. Doubled; vector i at 8 · i.
     */
    private final byte[] folded = folded();

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

    /** What QuIP# recommends (appendix F.5). */
    @Override
    public double scaleWithFeedback() {
        return 0.9;
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
    private double nearest(float[] vector, int first, float offset, int[] found) {
        double[] target = new double[DIMENSION];
        for (int i = 0; i < DIMENSION; i++) {
            target[i] = (double) vector[first + i] + offset;
        }
        roundToLattice(target, found);
        if (EightPTable.row(found) < 0) {
            search(target, found);
        }
        double distance = 0;
        for (int i = 0; i < DIMENSION; i++) {
            double difference = target[i] - found[i] / 2.0;
            distance += difference * difference;
        }
        return distance;
    }

    /** The nearest of all half-integer vectors with an even sum, doubled. */
    private static void roundToLattice(double[] target, int[] found) {
        int sum = 0;
        int farthest = 0;
        double most = -1;
        for (int i = 0; i < DIMENSION; i++) {
            double below = Math.floor(target[i]);
            // far beyond all vectors of the table: only that it is beyond matters
            found[i] = (int) Math.clamp(2 * below + 1, -99, 99);
            sum += found[i];
            double error = Math.abs(target[i] - below - 0.5);
            if (error > most) {
                most = error;
                farthest = i;
            }
        }
        if (sum / 2 % 2 != 0) {
            found[farthest] += target[farthest] > found[farthest] / 2.0 ? 2 : -2;
        }
    }

    /** The nearest vector of the table by comparison with all that it can be after folding. */
    private void search(double[] target, int[] found) {
        double[] fold = new double[DIMENSION];
        int negatives = 0;
        for (int i = 0; i < DIMENSION; i++) {
            fold[i] = Math.abs(target[i]);
            negatives += target[i] < 0 ? 1 : 0;
        }
        boolean flipped = negatives % 2 == 1;
        if (flipped) {
            fold[DIMENSION - 1] = -fold[DIMENSION - 1];
        }
        int best = best(fold);
        for (int i = 0; i < DIMENSION; i++) {
            boolean negative = (target[i] < 0) != (flipped && i == DIMENSION - 1);
            found[i] = negative ? -folded[best + i] : folded[best + i];
        }
    }

    /** Where the folded vector begins that has the largest 2 f · c − c². */
    private int best(double[] fold) {
        int best = 0;
        double most = Double.NEGATIVE_INFINITY;
        for (int at = 0; at < folded.length; at += DIMENSION) {
            double gain = 0;
            for (int i = 0; i < DIMENSION; i++) {
                double value = folded[at + i] / 2.0;
                gain += (2 * fold[i] - value) * value;
            }
            if (gain > most) {
                most = gain;
                best = at;
            }
        }
        return best;
    }

    private static byte[] folded() {
        List<byte[]> vectors = new ArrayList<>();
        for (int row = 0; row < EightPTable.ROWS; row++) {
            for (int negative = -1; negative < DIMENSION - 1; negative++) {
                boolean allowed = negative < 0 || EightPTable.ROW[row * DIMENSION + negative] == 1;
                if (allowed) {
                    vectors.add(evenWith(row, negative));
                }
            }
        }
        byte[] all = new byte[vectors.size() * DIMENSION];
        for (int i = 0; i < vectors.size(); i++) {
            System.arraycopy(vectors.get(i), 0, all, i * DIMENSION, DIMENSION);
        }
        return all;
    }

    /** The vector of {@code row} with coordinate {@code negative} negative, and coordinate 7 such that the sum is even. */
    private static byte[] evenWith(int row, int negative) {
        byte[] vector = new byte[DIMENSION];
        for (int i = 0; i < DIMENSION; i++) {
            byte value = EightPTable.ROW[row * DIMENSION + i];
            vector[i] = i == negative ? (byte) -value : value;
        }
        if (EightPTable.isOdd(row) != (negative >= 0)) {
            vector[DIMENSION - 1] = (byte) -vector[DIMENSION - 1];
        }
        return vector;
    }
}
