package dev.quipforge.engine.trellis;

/**
 * The code 3INST: three instructions make two half-precision numbers of a state, and their sum is its value (QTIP,
 * section 3.1.1 and algorithm 2; also the first code of EXL3). Its root mean square over the 2^16 states is 1.2437, not 1.
 */
public record ThreeInst() implements ComputedCode {

    /** What a state is multiplied with. */
    public static final int MULTIPLIER = 89226354;
    /** What is added to the product. */
    public static final int INCREMENT = 64248484;

    @Override
    public String name() {
        return "3inst";
    }

    @Override
    public float value(int state) {
        return HalfPairs.value(state * MULTIPLIER + INCREMENT);
    }
}
