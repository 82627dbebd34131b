package dev.quipforge.engine.trellis;

import dev.quipforge.engine.random.TensorRandom;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * QTIP's pure table: every state has its own value, drawn from N(0, 1). A checkpoint carries the table that it was made
 * with; without one it is drawn here, the same on any machine, in half precision.
 */
public final class LookupTable implements TrellisCode {

    private static final long SEED = 0;

    private final int values;
    private final float[] given;

    private LookupTable(int values, float[] given) {
        this.values = values;
        this.given = given;
    }

    /** The table that we draw, V = 1. */
    public static LookupTable drawn() {
        return new LookupTable(1, new float[0]);
    }

    /**
     * A table that is given.
     *
     * @param values V
     * @param table 2^L · V values, those of state s at s · V
     */
    public static LookupTable of(int values, float[] table) {
        return new LookupTable(values, table.clone());
    }

    @Override
    public String name() {
        return "lut";
    }

    @Override
    public int values() {
        return values;
    }

    @Override
    public float[] table(int stateBits) {
        if (given.length == 0) {
            return draw(stateBits);
        }
        if (given.length != values << stateBits) {
            throw new IllegalArgumentException("lut: " + given.length + " values (expected: " + (values << stateBits)
                    + " for " + stateBits + " state bits)");
        }
        return given.clone();
    }

    private static float[] draw(int stateBits) {
        RandomGenerator random = TensorRandom.of(SEED, "lut");
        float[] table = new float[1 << stateBits];
        for (int state = 0; state < table.length; state++) {
            table[state] = Float.float16ToFloat(Float.floatToFloat16((float) random.nextGaussian()));
        }
        return table;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LookupTable table && values == table.values && Arrays.equals(given, table.given);
    }

    @Override
    public int hashCode() {
        return 31 * values + Arrays.hashCode(given);
    }

    @Override
    public String toString() {
        return "LookupTable[values=" + values + ", " + (given.length == 0 ? "drawn" : "given") + "]";
    }
}
