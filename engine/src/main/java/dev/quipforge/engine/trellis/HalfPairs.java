package dev.quipforge.engine.trellis;

/** The value that 3INST and MCG make of a product: the sum of two half-precision numbers. */
final class HalfPairs {

    /** Of each half: the sign, the two low bits of the exponent and the mantissa. */
    private static final int MASK = 0x8FFF8FFF;

    /** 0.921875 in each half. */
    private static final int OFFSET = 0x3B603B60;

    private HalfPairs() {}

    /** The sum of both halves of {@code product}, a half-precision number. */
    static float value(int product) {
        int halves = (product & MASK) ^ OFFSET;
        float high = Float.float16ToFloat((short) (halves >>> 16));
        float low = Float.float16ToFloat((short) halves);
        // the sum of two halves of these magnitudes is exact in single precision: it is rounded once
        return Float.float16ToFloat(Float.floatToFloat16(high + low));
    }
}
