package dev.quipforge.engine.trellis;

/** EXL3's code MCG: {@link ThreeInst} with another multiplier and nothing added. Root mean square 1.2441. */
public record Mcg() implements ComputedCode {

    /** What a state is multiplied with. */
    public static final int MULTIPLIER = 0xCBAC1FED;

    @Override
    public String name() {
        return "mcg";
    }

    @Override
    public float value(int state) {
        return HalfPairs.value(state * MULTIPLIER);
    }
}
