package dev.quipforge.engine.trellis;

/** A code of one value a state, computed from the state alone: a smaller L uses the first 2^L states. */
public interface ComputedCode extends TrellisCode {

    /** The value of one state. */
    float value(int state);

    @Override
    default int values() {
        return 1;
    }

    @Override
    default float[] table(int stateBits) {
        float[] table = new float[1 << stateBits];
        for (int state = 0; state < table.length; state++) {
            table[state] = value(state);
        }
        return table;
    }
}
