package dev.quipforge.engine.trellis;

/**
 * Our own code PAIR: two values from the bytes of one product, b0 + b2 − 255 and b1 + b3 − 255, normalized. On a GPU one
 * multiplication and one dot product of bytes apply both to their activations. Good at 1 and 2 bits.
 */
public record Pair() implements TrellisCode {

    /** What a state is multiplied with. */
    public static final int MULTIPLIER = 0xF2A74DE5;

    /** The mean of the sum of two uniform bytes. */
    public static final int MEAN = 255;

    /** Its standard deviation, sqrt(2 · (256² − 1) / 12). */
    public static final float DEVIATION = 104.51076f;

    @Override
    public String name() {
        return "pair";
    }

    @Override
    public int values() {
        return 2;
    }

    @Override
    public float[] table(int stateBits) {
        float[] table = new float[2 << stateBits];
        for (int state = 0; state < 1 << stateBits; state++) {
            int product = state * MULTIPLIER;
            table[2 * state] = (ByteSums.ofAlternate(product, 0) - MEAN) / DEVIATION;
            table[2 * state + 1] = (ByteSums.ofAlternate(product, 1) - MEAN) / DEVIATION;
        }
        return table;
    }
}
