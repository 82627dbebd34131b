package dev.quipforge.engine.trellis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.packing.TrellisPacking;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterProperty;

/** What holds of the Viterbi search for every trellis and every table of values. */
class ViterbiPropertyTest {

    private final ComputeBackend backend = ComputeBackends.named("vector");

    @AfterProperty
    void close() {
        backend.close();
    }

    @Property(tries = 150)
    void noGreedyWalkCostsLess(
            @ForAll @IntRange(min = 1, max = 2) int values,
            @ForAll @IntRange(min = 1, max = 3) int bits,
            @ForAll @IntRange(max = 6) int more,
            @ForAll long seed) {
        Trellis trellis = trellis(values, bits, bits * values + more, seed);
        float[] sequence = gaussian(new SplittableRandom(seed + 1), 48, 1.1);
        Viterbi viterbi = new Viterbi(trellis, sequence.length);
        int overlap = new SplittableRandom(seed + 2).nextInt(trellis.groups());
        double best = viterbi.cost(sequence, viterbi.encode(sequence, overlap));
        int[] greedy = greedy(trellis, sequence, overlap);
        assertCloses(trellis, greedy);
        assertThat(best).isLessThanOrEqualTo(cost(trellis, sequence, greedy) + 1e-9);
    }

    @Property(tries = 100)
    void theBestOfAllOverlapsIsTheBestOfAllStreams(
            @ForAll @IntRange(min = 1, max = 2) int values,
            @ForAll @IntRange(min = 1, max = 2) int bits,
            @ForAll @IntRange(max = 3) int more,
            @ForAll long seed) {
        Trellis trellis = trellis(values, bits, bits * values + more, seed);
        int steps = 12 / trellis.stepBits();
        float[] sequence = gaussian(new SplittableRandom(seed + 1), steps * values, 1.1);
        Viterbi viterbi = new Viterbi(trellis, sequence.length);
        double best = Double.POSITIVE_INFINITY;
        for (int overlap = 0; overlap < trellis.groups(); overlap++) {
            best = Math.min(best, viterbi.cost(sequence, viterbi.encode(sequence, overlap)));
        }
        double exhaustive = Double.POSITIVE_INFINITY;
        int[] states = new int[steps];
        short[] words = new short[1];
        for (int stream = 0; stream < 1 << 12; stream++) {
            words[0] = (short) (stream << 4);
            TrellisPacking.unpack(trellis, words, 0, states);
            exhaustive = Math.min(exhaustive, viterbi.cost(sequence, states));
        }
        assertThat(best).isCloseTo(exhaustive, within(1e-9));
    }

    @Property(tries = 120)
    void theFastSearchClosesTheCycleOfAnyWeights(
            @ForAll @IntRange(min = 1, max = 2) int values,
            @ForAll @IntRange(min = 1, max = 4) int bits,
            @ForAll @IntRange(max = 8) int more,
            @ForAll @DoubleRange(min = 0, max = 30) double width,
            @ForAll long seed) {
        Trellis trellis = trellis(values, bits, Math.min(11, bits * values + more), seed);
        float[] sequence = gaussian(new SplittableRandom(seed + 1), 48, width);
        for (TailBiting tailBiting : TailBiting.values()) {
            int[] path = encode(trellis, tailBiting, sequence);
            assertCloses(trellis, path);
            short[] words = new short[TrellisPacking.words(trellis, path.length)];
            TrellisPacking.pack(trellis, path, words, 0);
            int[] unpacked = new int[path.length];
            TrellisPacking.unpack(trellis, words, 0, unpacked);
            assertThat(unpacked).isEqualTo(path);
            double greedy = cost(trellis, sequence, greedy(trellis, sequence, path[0] >>> trellis.stepBits()));
            assertThat(cost(trellis, sequence, path)).isLessThanOrEqualTo(1.05 * greedy + 1e-3);
        }
    }

    private int[] encode(Trellis trellis, TailBiting tailBiting, float[] sequence) {
        try (Workspace workspace = backend.workspace()) {
            Matrix weights = workspace.rowOf(sequence);
            IntMatrix states = workspace.integers(1, trellis.steps(sequence.length));
            backend.trellis().encode(trellis, tailBiting, weights, states, weights);
            return backend.download(states);
        }
    }

    /** A trellis with values drawn from N(0, 1). */
    private static Trellis trellis(int values, int bits, int stateBits, long seed) {
        float[] table = gaussian(new SplittableRandom(seed), values << stateBits, 1);
        return new Trellis(LookupTable.of(values, table), stateBits, bits);
    }

    /** At every step the nearest state of those from which the walk can still end as it must. */
    private static int[] greedy(Trellis trellis, float[] sequence, int overlap) {
        int steps = trellis.steps(sequence.length);
        int overlapBits = trellis.stateBits() - trellis.stepBits();
        int[] states = new int[steps];
        int group = overlap;
        for (int step = 0; step < steps; step++) {
            int later = Math.min(overlapBits, (steps - 1 - step) * trellis.stepBits());
            int settled = (1 << (overlapBits - later)) - 1;
            double least = Double.POSITIVE_INFINITY;
            for (int bits = 0; bits < 1 << trellis.stepBits(); bits++) {
                int state = group << trellis.stepBits() | bits;
                double distance = distance(trellis, state, sequence, step);
                if ((state & settled) == overlap >>> later && distance < least) {
                    least = distance;
                    states[step] = state;
                }
            }
            group = states[step] & (trellis.groups() - 1);
        }
        return states;
    }

    private static double cost(Trellis trellis, float[] sequence, int[] states) {
        double cost = 0;
        for (int step = 0; step < states.length; step++) {
            cost += distance(trellis, states[step], sequence, step);
        }
        return cost;
    }

    private static double distance(Trellis trellis, int state, float[] sequence, int step) {
        double distance = 0;
        for (int v = 0; v < trellis.values(); v++) {
            double difference =
                    (double) trellis.table()[state * trellis.values() + v] - sequence[step * trellis.values() + v];
            distance += difference * difference;
        }
        return distance;
    }

    private static void assertCloses(Trellis trellis, int[] states) {
        for (int i = 0; i < states.length; i++) {
            int next = states[(i + 1) % states.length];
            assertThat(next >>> trellis.stepBits()).isEqualTo(states[i] & (trellis.groups() - 1));
        }
    }

    private static float[] gaussian(SplittableRandom random, int length, double width) {
        float[] sequence = new float[length];
        for (int i = 0; i < length; i++) {
            sequence[i] = (float) (width * random.nextGaussian());
        }
        return sequence;
    }
}
