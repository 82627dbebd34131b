package dev.quipforge.cuda;

import dev.quipforge.engine.trellis.TrellisCode;

/** Two values a step from one product: p = s · 0xF2A74DE5, bytes b0 to b3, the values b0 + b2 − 255 and b1 + b3 − 255. */
record PairCode() implements TrellisCode {

    private static final int MULTIPLIER = 0xF2A74DE5;

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
            table[2 * state] = ((product & 255) + (product >>> 16 & 255) - 255) / 104.5f;
            table[2 * state + 1] = ((product >>> 8 & 255) + (product >>> 24) - 255) / 104.5f;
        }
        return table;
    }
}
