package dev.quipforge.llm.safetensors;

/** What the 256 codes of 8-bit floating-point numbers stand for. */
final class EightBitFloats {

    /** F8_E4M3, "FN": exponents from 2⁻⁶ to 2⁸, subnormals in steps of 2⁻⁹; ±480, which the codes would reach, is NaN. */
    static final float[] E4M3 = new float[256];

    /** F8_E5M2, the upper byte of IEEE half precision. */
    static final float[] E5M2 = new float[256];

    static {
        for (int code = 0; code < 256; code++) {
            E4M3[code] = fourAndThree(code);
            E5M2[code] = Float.float16ToFloat((short) (code << Byte.SIZE));
        }
    }

    private EightBitFloats() {}

    private static float fourAndThree(int code) {
        int exponent = code >>> 3 & 0xF;
        int mantissa = code & 0x7;
        float sign = code < 0x80 ? 1 : -1;
        if (exponent == 0xF && mantissa == 0x7) {
            return Float.NaN;
        }
        return exponent == 0
                ? sign * Math.scalb((float) mantissa, -9)
                : sign * Math.scalb((float) (8 + mantissa), exponent - 10);
    }
}
