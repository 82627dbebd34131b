package dev.quipforge.engine.trellis;

import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A bitshift trellis with its code: 2^L states, K · V new bits a step, V values a state (QTIP, section 3).
 *
 * <p>From state s the next is one of (s · 2^{KV} mod 2^L) + b: new bits enter at the low end. With L = KV there is no
 * memory, and the code is a vector quantizer.
 *
 * @param code what the states stand for
 * @param stateBits L
 * @param bits K, bits per weight
 */
public record Trellis(TrellisCode code, int stateBits, int bits) {

    private static final int MAX_STATE_BITS = 20;

    /** By code, then by state bits. The table of a code that a checkpoint brought along goes with it. */
    private static final Map<TrellisCode, Map<Integer, Table>> TABLES =
            Collections.synchronizedMap(new WeakHashMap<>());

    public Trellis {
        if (bits < 1 || bits > 8) {
            throw new IllegalArgumentException("bits: " + bits + " (expected: 1 to 8)");
        }
        int stepBits = bits * code.values();
        if (stateBits < stepBits || stateBits > MAX_STATE_BITS) {
            throw new IllegalArgumentException("state bits: " + stateBits + " (expected: at least the " + stepBits
                    + " bits of a step, at most " + MAX_STATE_BITS + ")");
        }
    }

    /** The trellis of the code called {@code code}. */
    public static Trellis of(String code, int stateBits, int bits) {
        return new Trellis(TrellisCodes.named(code), stateBits, bits);
    }

    /** V, weights per step. */
    public int values() {
        return code.values();
    }

    /** K · V, new bits per step. */
    public int stepBits() {
        return bits * code.values();
    }

    /** 2^L. */
    public int states() {
        return 1 << stateBits;
    }

    /** 2^{L − KV}: states that share their high bits, and so their predecessors. */
    public int groups() {
        return 1 << (stateBits - stepBits());
    }

    /**
     * Steps of a sequence of {@code length} weights.
     *
     * @throws IllegalArgumentException when V does not divide it, or the bits of the sequence do not fill one state
     */
    public int steps(int length) {
        int steps = length / values();
        if (length % values() != 0 || (long) steps * stepBits() < stateBits) {
            throw new IllegalArgumentException("sequence: " + length + " weights (expected: a multiple of " + values()
                    + ", and at least " + stateBits + " bits)");
        }
        return steps;
    }

    /** The values of all states; those of state s are at s · V. Shared: not to be written. */
    public float[] table() {
        return shared().values;
    }

    /** The root mean square of {@link #table()}. */
    public double rms() {
        return shared().rms;
    }

    private Table shared() {
        return TABLES.computeIfAbsent(code, _ -> new ConcurrentHashMap<>())
                .computeIfAbsent(stateBits, length -> new Table(code.table(length)));
    }

    private static final class Table {

        private final float[] values;
        private final double rms;

        private Table(float[] values) {
            this.values = values;
            double energy = 0;
            for (float value : values) {
                energy += (double) value * value;
            }
            this.rms = Math.sqrt(energy / values.length);
        }
    }
}
