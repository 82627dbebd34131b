package dev.quipforge.engine.packing;

import dev.quipforge.engine.trellis.Trellis;

/**
 * The bits of a tail-biting state sequence. The L bits of state i stand at the circular positions i · KV to
 * i · KV + L − 1 of a stream of S · KV bits, the most significant first; the stream is cut into 16-bit words, its first
 * bit the most significant, and filled up with zeros (QTIP's plain layout).
 */
public final class TrellisPacking {

    private TrellisPacking() {}

    /** Words that a sequence of {@code steps} states takes. */
    public static int words(Trellis trellis, int steps) {
        return Math.ceilDiv(steps * trellis.stepBits(), Short.SIZE);
    }

    /**
     * Packs one sequence.
     *
     * @param trellis the trellis of the states
     * @param states the states, one a step
     * @param words receives the words of the sequence
     * @param first index of the first of these words
     */
    public static void pack(Trellis trellis, int[] states, short[] words, int first) {
        int stepBits = trellis.stepBits();
        int count = words(trellis, states.length);
        for (int word = first; word < first + count; word++) {
            words[word] = 0;
        }
        for (int step = 0; step < states.length; step++) {
            // the bits that a state begins with are not in any later state: all of them in turn are the stream
            int leading = states[step] >>> (trellis.stateBits() - stepBits);
            for (int bit = 0; bit < stepBits; bit++) {
                int position = step * stepBits + bit;
                int value = (leading >>> (stepBits - 1 - bit)) & 1;
                words[first + position / Short.SIZE] |= (short) (value << (Short.SIZE - 1 - position % Short.SIZE));
            }
        }
    }

    /**
     * Unpacks one sequence.
     *
     * @param trellis the trellis of the states
     * @param words the words of the sequence
     * @param first index of the first of these words
     * @param states receives the states, one a step
     */
    public static void unpack(Trellis trellis, short[] words, int first, int[] states) {
        int bits = states.length * trellis.stepBits();
        int mask = trellis.states() - 1;
        int state = 0;
        for (int position = 0; position < trellis.stateBits() - trellis.stepBits(); position++) {
            state = state << 1 | bit(words, first, position % bits);
        }
        int next = trellis.stateBits() - trellis.stepBits();
        for (int step = 0; step < states.length; step++) {
            for (int bit = 0; bit < trellis.stepBits(); bit++) {
                state = state << 1 | bit(words, first, next++ % bits);
            }
            state &= mask;
            states[step] = state;
        }
    }

    private static int bit(short[] words, int first, int position) {
        return (words[first + position / Short.SIZE] >>> (Short.SIZE - 1 - position % Short.SIZE)) & 1;
    }
}
