package dev.quipforge.engine.trellis;

/** The code 1MAD: the normalized sum of the bytes of one multiply-add (QTIP, section 3.1.1 and algorithm 1). */
public record OneMad() implements ComputedCode {

    /** What a state is multiplied with. */
    public static final int MULTIPLIER = 34038481;
    /** What is added to the product. */
    public static final int INCREMENT = 76625530;

    /** The mean of the sum of four uniform bytes. */
    public static final int MEAN = 510;

    /** Its standard deviation, sqrt(4 · (256² − 1) / 12), in single precision: 147.800537109375. */
    public static final float DEVIATION = 147.80054f;

    @Override
    public String name() {
        return "1mad";
    }

    @Override
    public float value(int state) {
        return (ByteSums.ofAll(state * MULTIPLIER + INCREMENT) - MEAN) / DEVIATION;
    }
}
