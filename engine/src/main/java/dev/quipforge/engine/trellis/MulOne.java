package dev.quipforge.engine.trellis;

/** EXL3's code MUL1: affine in the sum of the bytes of one product, rounded to half precision. */
public record MulOne() implements ComputedCode {

    /** What a state is multiplied with. */
    public static final int MULTIPLIER = 0x83DCD12D;

    /** What the half-precision program adds to the sum, by writing it into the mantissa of 1024. */
    public static final int MANTISSA = 1024;

    /** What the sum and 1024 are multiplied with. */
    public static final float FACTOR = Float.float16ToFloat((short) 0x1EEE);
    /** What is added to that. */
    public static final float OFFSET = Float.float16ToFloat((short) 0xC931);

    @Override
    public String name() {
        return "mul1";
    }

    @Override
    public float value(int state) {
        int sum = ByteSums.ofAll(state * MULTIPLIER);
        // exact in single precision, so that it is rounded once
        return Float.float16ToFloat(Float.floatToFloat16((MANTISSA + sum) * FACTOR + OFFSET));
    }
}
