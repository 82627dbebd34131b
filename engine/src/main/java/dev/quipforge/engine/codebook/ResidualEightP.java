package dev.quipforge.engine.codebook;

/**
 * E8P in two stages: what the first leaves over is scaled up and encoded again, with E8P itself for 4 bits, with the 256
 * vectors of E81B for 3 bits (QuIP#, section 4.3). A code holds that of the first stage above that of the second.
 */
public final class ResidualEightP implements Codebook {

    private static final int DIMENSION = EightPTable.DIMENSION;

    private final int bits;
    private final double scale;
    private final float residualScale;

    private ResidualEightP(int bits, double scale, float residualScale) {
        this.bits = bits;
        this.scale = scale;
        this.residualScale = residualScale;
    }

    /** E8P, then E81B. */
    public static ResidualEightP threeBits() {
        return new ResidualEightP(3, 0.98, 2.04f);
    }

    /** E8P, then E8P again. The error is least at 0.92, 8 % less than at the 1.03 of QuIP#'s program. */
    public static ResidualEightP fourBits() {
        return new ResidualEightP(4, 0.92, 3.45f);
    }

    @Override
    public String name() {
        return "e8p";
    }

    @Override
    public int bits() {
        return bits;
    }

    @Override
    public int dimension() {
        return DIMENSION;
    }

    @Override
    public double scale() {
        return scale;
    }

    /** Bits of the second stage's code: 8 for 3 bits, 16 for 4. */
    public int residualBits() {
        return (bits - 2) * DIMENSION;
    }

    /** What the rest of the first stage is multiplied with before the second. */
    public float residualScale() {
        return residualScale;
    }

    /**
     * The best pair that begins with a vector near x: the nearest one of either shift, or its neighbour. Of Gaussian weights
     * that loses 12 % less at 4 bits than to take the nearest one and then the nearest to the rest, as QuIP#'s program does.
     */
    @Override
    public int encode(float[] vector, int first) {
        int[] candidates = new int[4];
        EightP.near(vector, first, candidates);
        float[] rest = new float[DIMENSION];
        int best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int candidate : candidates) {
            if (candidate < 0) {
                continue;
            }
            int second = second(candidate, vector, first, rest);
            double error = squaredError(second, rest);
            if (error < least) {
                least = error;
                best = candidate << residualBits() | second;
            }
        }
        return best;
    }

    /** The pair as QuIP#'s program finds it: the nearest vector, then the one nearest to the rest. */
    int encodeInTurn(float[] vector, int first) {
        int code = EightP.CODEBOOK.encode(vector, first);
        return code << residualBits() | second(code, vector, first, new float[DIMENSION]);
    }

    /**
     * The code of the second stage that goes with {@code code}.
     *
     * @param rest receives what the first stage leaves over, scaled up
     */
    private int second(int code, float[] vector, int first, float[] rest) {
        EightP.CODEBOOK.decode(code, rest, 0);
        for (int i = 0; i < DIMENSION; i++) {
            rest[i] = (vector[first + i] - rest[i]) * residualScale;
        }
        return bits == 4 ? EightP.CODEBOOK.encode(rest, 0) : nearestShort(rest);
    }

    private double squaredError(int second, float[] rest) {
        float[] found = new float[DIMENSION];
        decodeSecond(second, found);
        double error = 0;
        for (int i = 0; i < DIMENSION; i++) {
            double difference = (double) rest[i] - found[i];
            error += difference * difference;
        }
        return error;
    }

    @Override
    public void decode(int code, float[] vector, int first) {
        EightP.CODEBOOK.decode(code >>> residualBits(), vector, first);
        int second = code & ((1 << residualBits()) - 1);
        float[] rest = new float[DIMENSION];
        decodeSecond(second, rest);
        for (int i = 0; i < DIMENSION; i++) {
            vector[first + i] += rest[i] / residualScale;
        }
    }

    private void decodeSecond(int second, float[] rest) {
        if (bits == 4) {
            EightP.CODEBOOK.decode(second, rest, 0);
            return;
        }
        for (int i = 0; i < DIMENSION; i++) {
            rest[i] = EightOneTable.ROW[second * DIMENSION + i] / 2f;
        }
    }

    /** The row of E81B with the largest 2 x · c − c²; the first of equals. */
    private static int nearestShort(float[] vector) {
        float[] gains = EightOneTable.NEGATIVE_NORMS.clone();
        for (int i = 0; i < DIMENSION; i++) {
            float twice = 2 * vector[i];
            float[] column = EightOneTable.COLUMNS[i];
            for (int row = 0; row < gains.length; row++) {
                gains[row] += twice * column[row];
            }
        }
        int best = 0;
        for (int row = 1; row < gains.length; row++) {
            best = gains[row] > gains[best] ? row : best;
        }
        return best;
    }
}
