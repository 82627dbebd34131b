package dev.quipforge.engine.codebook;

import java.util.Arrays;

/**
 * A grid of 2^b values for single weights.
 *
 * <p>{@link #uniform} is QuIP's: W is divided by s = ρ · rms(W) and [−1, 1] cut into 2^b − 1 equal steps (QuIP,
 * algorithm 1). Here the grid has steps of 1, and ρ becomes the root mean square that the weights are brought to,
 * (2^b − 1) / (2 ρ); the ρ of each b is the one of least error for Gaussian weights, which incoherent weights are.
 */
public final class ScalarGrid implements Codebook {

    /** The step of least error for N(0, 1), by bits. */
    private static final double[] BEST_STEP = {0, 0, 0.9957, 0.5860, 0.3352};

    /** The positive values of least error for N(0, 1), by bits (Lloyd and Max). */
    private static final double[][] LLOYD_MAX = {
        {},
        {},
        {0.4528, 1.5104},
        {0.2451, 0.7560, 1.3439, 2.1520},
        {0.1284, 0.3881, 0.6568, 0.9424, 1.2562, 1.6181, 2.0690, 2.7326}
    };

    private final String name;
    private final int bits;
    private final double scale;
    private final float[] values;
    private final float[] thresholds;

    private ScalarGrid(String name, int bits, double scale, float[] values) {
        this.name = name;
        this.bits = bits;
        this.scale = scale;
        this.values = values;
        this.thresholds = new float[values.length - 1];
        for (int i = 0; i < thresholds.length; i++) {
            thresholds[i] = (values[i] + values[i + 1]) / 2;
        }
    }

    /** QuIP's grid of 2^bits values at distance 1, symmetric about 0. */
    public static ScalarGrid uniform(int bits) {
        requireBits(bits);
        float[] values = new float[1 << bits];
        for (int i = 0; i < values.length; i++) {
            values[i] = i - (values.length - 1) / 2f;
        }
        return new ScalarGrid("uniform", bits, 1 / BEST_STEP[bits], values);
    }

    /** The grid of least error for Gaussian weights. */
    public static ScalarGrid lloydMax(int bits) {
        requireBits(bits);
        double[] positive = LLOYD_MAX[bits];
        float[] values = new float[2 * positive.length];
        for (int i = 0; i < positive.length; i++) {
            values[positive.length + i] = (float) positive[i];
            values[positive.length - 1 - i] = (float) -positive[i];
        }
        return new ScalarGrid("lloyd-max", bits, 1, values);
    }

    private static void requireBits(int bits) {
        if (bits < 2 || bits > 4) {
            throw new IllegalArgumentException("bits: " + bits + " (expected: 2, 3 or 4)");
        }
    }

    /**
     * The root mean square that the paper's rule s = ρ · rms(W) brings the weights to on a uniform grid.
     *
     * @param rho ρ, 2.4 in the paper's program
     */
    public double scale(double rho) {
        return (values.length - 1) / (2 * rho);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int bits() {
        return bits;
    }

    @Override
    public int dimension() {
        return 1;
    }

    @Override
    public double scale() {
        return scale;
    }

    /** The values in ascending order; a code is an index. */
    public float[] values() {
        return values.clone();
    }

    /**
     * The value below or above {@code weight}; with {@code chance} uniform in [0, 1) its mean is {@code weight}, where the
     * grid reaches that far.
     */
    public float neighbour(float weight, double chance) {
        int above = 0;
        while (above < values.length - 1 && values[above] < weight) {
            above++;
        }
        if (above == 0 || weight >= values[above]) {
            return values[above];
        }
        float below = values[above - 1];
        return chance * (values[above] - below) < weight - below ? values[above] : below;
    }

    @Override
    public int encode(float[] vector, int first) {
        int code = 0;
        for (float threshold : thresholds) {
            code += vector[first] > threshold ? 1 : 0;
        }
        return code;
    }

    @Override
    public void decode(int code, float[] vector, int first) {
        vector[first] = values[code];
    }

    @Override
    public String toString() {
        return name + " " + Arrays.toString(values);
    }
}
