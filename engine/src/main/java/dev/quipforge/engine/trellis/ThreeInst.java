package dev.quipforge.engine.trellis;

/**
 * The code 3INST: three instructions make two half-precision numbers of a state, and their sum is its value (QTIP,
 * section 3.1.1 and algorithm 2). Its root mean square over the 2^16 states is 1.2437, not 1.
 */
public record ThreeInst() implements TrellisCode {

    private static final int MULTIPLIER = 89226354;
    private static final int INCREMENT = 64248484;

    /** Of each half: the sign, the two low bits of the exponent and the mantissa. */
    private static final int MASK = 0x8FFF8FFF;

    /** 0.921875 in each half. */
    private static final int OFFSET = 0x3B603B60;

    @Override
    public String name() {
        return "3inst";
    }

    @Override
    public int values() {
        return 1;
    }

    @Override
    public float[] table(int stateBits) {
        float[] table = new float[1 << stateBits];
        for (int state = 0; state < table.length; state++) {
            table[state] = value(state);
        }
        return table;
    }

    /** The value of one state, a half-precision number. */
    static float value(int state) {
        int halves = ((state * MULTIPLIER + INCREMENT) & MASK) ^ OFFSET;
        float high = Float.float16ToFloat((short) (halves >>> 16));
        float low = Float.float16ToFloat((short) halves);
        // the sum of two halves of these magnitudes is exact in single precision: it is rounded once
        return Float.float16ToFloat(Float.floatToFloat16(high + low));
    }
}
