package dev.quipforge.engine.trellis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ViterbiTest {

    @ParameterizedTest
    @CsvSource({"4,1,9", "5,1,12", "5,2,6", "6,2,5", "7,3,4", "6,4,3"})
    void theBestOfAllOverlapsIsTheBestOfAllSequences(int stateBits, int bits, int length) {
        Trellis trellis = Trellis.of("3inst", stateBits, bits);
        Viterbi viterbi = new Viterbi(trellis, length);
        SplittableRandom random = new SplittableRandom(stateBits * 100L + bits);
        for (int round = 0; round < 20; round++) {
            float[] sequence = gaussian(random, length);
            double best = Double.POSITIVE_INFINITY;
            for (int overlap = 0; overlap < trellis.groups(); overlap++) {
                int[] states = viterbi.encode(sequence, overlap);
                assertCloses(trellis, states);
                assertThat(states[0] >>> bits).isEqualTo(overlap);
                best = Math.min(best, viterbi.cost(sequence, states));
            }
            double exhaustive = exhaustive(trellis, viterbi, sequence);
            assertThat(best).isCloseTo(exhaustive, within(1e-9));
            for (TailBiting tailBiting : TailBiting.values()) {
                int[] states = viterbi.encode(sequence, tailBiting);
                assertCloses(trellis, states);
                assertThat(viterbi.cost(sequence, states)).isGreaterThanOrEqualTo(exhaustive - 1e-9);
            }
        }
    }

    /** More branches into a state than a byte could tell apart. */
    @ParameterizedTest
    @CsvSource({"10,5,4", "12,5,4", "11,5,4", "12,6,2", "16,8,2"})
    void theBestOfManyBranchesIsFound(int stateBits, int bits, int length) {
        Trellis trellis = Trellis.of("pair", stateBits, bits);
        Viterbi viterbi = new Viterbi(trellis, length);
        float[] sequence = gaussian(new SplittableRandom(bits), length);
        double best = Double.POSITIVE_INFINITY;
        for (int overlap = 0; overlap < trellis.groups(); overlap++) {
            int[] states = viterbi.encode(sequence, overlap);
            assertCloses(trellis, states);
            best = Math.min(best, viterbi.cost(sequence, states));
        }
        assertThat(best).isCloseTo(exhaustive(trellis, viterbi, sequence), within(1e-9));
    }

    @ParameterizedTest
    @CsvSource({"8,1", "8,2", "9,3"})
    void twoPassesCostLittleMoreThanAllOverlaps(int stateBits, int bits) {
        Trellis trellis = Trellis.of("3inst", stateBits, bits);
        Viterbi viterbi = new Viterbi(trellis, 128);
        SplittableRandom random = new SplittableRandom(7);
        double twoPasses = 0;
        double window = 0;
        double all = 0;
        for (int round = 0; round < 20; round++) {
            float[] sequence = gaussian(random, 128);
            twoPasses += viterbi.cost(sequence, viterbi.encode(sequence, TailBiting.EXACT));
            window += viterbi.cost(sequence, viterbi.encode(sequence, TailBiting.SEAM));
            double best = Double.POSITIVE_INFINITY;
            for (int overlap = 0; overlap < trellis.groups(); overlap++) {
                best = Math.min(best, viterbi.cost(sequence, viterbi.encode(sequence, overlap)));
            }
            all += best;
        }
        assertThat(twoPasses).isBetween(all, 1.01 * all);
        assertThat(window).isBetween(all, 1.02 * all);
    }

    /** The least cost of all circular bit streams. */
    private static double exhaustive(Trellis trellis, Viterbi viterbi, float[] sequence) {
        int[] states = new int[trellis.steps(sequence.length)];
        int streamBits = states.length * trellis.stepBits();
        double best = Double.POSITIVE_INFINITY;
        for (long stream = 0; stream < 1L << streamBits; stream++) {
            for (int i = 0; i < states.length; i++) {
                states[i] = 0;
                for (int bit = 0; bit < trellis.stateBits(); bit++) {
                    int position = (i * trellis.stepBits() + bit) % streamBits;
                    states[i] = states[i] << 1 | (int) (stream >>> (streamBits - 1 - position) & 1);
                }
            }
            best = Math.min(best, viterbi.cost(sequence, states));
        }
        return best;
    }

    private static void assertCloses(Trellis trellis, int[] states) {
        for (int i = 0; i < states.length; i++) {
            int next = states[(i + 1) % states.length];
            assertThat(next >>> trellis.stepBits()).isEqualTo(states[i] & (trellis.groups() - 1));
        }
    }

    private static float[] gaussian(SplittableRandom random, int length) {
        float[] sequence = new float[length];
        for (int i = 0; i < length; i++) {
            sequence[i] = (float) (1.2 * random.nextGaussian());
        }
        return sequence;
    }
}
