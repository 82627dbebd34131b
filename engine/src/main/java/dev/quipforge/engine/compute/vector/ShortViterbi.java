package dev.quipforge.engine.compute.vector;

import static jdk.incubator.vector.VectorOperators.SUADD;

import dev.quipforge.engine.trellis.Trellis;
import java.util.Arrays;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The Viterbi algorithm with costs in unsigned 16-bit lanes, for trellises of one value a state and at most 4 bits.
 *
 * <p>Values are rounded to multiples of a unit; a cost is the sum of squared distances in that unit, less the least cost
 * of the step before, saturating. The lowest K bits of a cost are the high K bits of the index of the group that it
 * belongs to, so that the least cost over the 2^K states that end in the same bits brings its own back pointer with it;
 * these are packed into K bits a group and step (4 bits for K = 3).
 *
 * <p>One vector holds the costs of {@link #LANES} successive groups. They come from LANES / 2^K successive groups of the
 * step before in each of 2^K segments: these are broadcast as one element of that width, and the table of values is kept
 * in the order that follows. One shuffle brings the least costs into natural order. The subclasses differ in the width of
 * that element only; each has its own loop, since the compiler keeps vectors in registers only where it knows all types.
 */
abstract class ShortViterbi {

    static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    static final int LANES = SHORTS.length();

    /** Distances are capped here: the square still fits in 16 bits. */
    static final short CAP = 255;

    /** The root mean square of the code in units, by bits: finer where the error is smaller, at the price of range. */
    private static final int[] UNITS_PER_RMS = {0, 36, 72, 144, 288};

    /** Weights may be that many root mean squares outside the values of the code. */
    private static final int MARGIN = 2;

    /** Values of the states in units, in the order in which the lanes meet them. */
    final short[] table;

    /** Packed back pointers of all steps. */
    final short[] pointers;

    final int bits;
    final int groups;
    private final int steps;
    private final double scale;
    private final short smallest;
    private final short largest;
    private final short[] rounded;

    ShortViterbi(Trellis trellis, int steps) {
        this.bits = trellis.bits();
        this.steps = steps;
        this.groups = trellis.groups();
        this.scale = UNITS_PER_RMS[bits] / trellis.rms();
        short[] natural = units(trellis.table());
        this.table = laneOrder(natural);
        short[] sorted = natural.clone();
        Arrays.sort(sorted);
        this.smallest = sorted[0];
        this.largest = sorted[sorted.length - 1];
        this.rounded = new short[steps];
        this.pointers = new short[steps * pointersPerStep()];
    }

    /** Whether there are lanes for this trellis: bits for which there is a step, and enough groups to fill the lanes. */
    static boolean supports(Trellis trellis) {
        int segment = trellis.groups() >> trellis.bits();
        boolean stepped = trellis.bits() <= 4 && (trellis.bits() >= 2 || LANES == 16);
        return trellis.values() == 1 && stepped && segment >= LANES * Short.SIZE / pointerBits(trellis.bits());
    }

    static ShortViterbi of(Trellis trellis, int steps) {
        return switch (LANES >> trellis.bits()) {
            case 8 -> new EightShortViterbi(trellis, steps);
            case 4 -> new LongViterbi(trellis, steps);
            case 2 -> new IntViterbi(trellis, steps);
            default -> new OneShortViterbi(trellis, steps);
        };
    }

    /** Bits that a back pointer takes. */
    static int pointerBits(int bits) {
        return bits == 3 ? 4 : bits;
    }

    /** The cost of entering {@code group} at the next step. */
    abstract short cost(int group);

    /** Sets the cost of entering {@code group} at the next step. */
    abstract void setCost(int group, short cost);

    /**
     * One step: costs of leaving from costs of entering; they are those of entering the next step then.
     *
     * @param value the weight of this step, in units
     * @param excess what to take off every cost: the least cost of entering
     * @param pointer where the back pointers of this step begin
     * @return the least cost of leaving, with the bits of its back pointer
     */
    abstract int step(short value, short excess, int pointer);

    /**
     * Finds a state sequence.
     *
     * @param sequence the weights
     * @param before steps of the first pass before the seam
     * @param after steps of the first pass from the seam on
     * @param states receives the states
     * @return whether it is good: not when a weight is far outside the code, or saturated costs left the ends apart
     */
    final boolean encode(float[] sequence, int before, int after, int[] states) {
        if (!roundToUnits(sequence)) {
            return false;
        }
        start((short) 0);
        forward(steps - before, steps + after);
        int group = cheapest();
        for (int step = after - 1; step >= 0; step--) {
            group = state(step, group) >>> bits;
        }
        int overlap = group;
        start((short) -1);
        setCost(overlap, tagged(overlap, (short) 0));
        forward(0, steps);
        for (int step = steps - 1; step >= 0; step--) {
            states[step] = state(step, group);
            group = states[step] >>> bits;
        }
        return group == overlap;
    }

    private boolean roundToUnits(float[] sequence) {
        int margin = MARGIN * UNITS_PER_RMS[bits];
        for (int i = 0; i < steps; i++) {
            long nearest = Math.round(sequence[i] * scale);
            if (nearest < smallest - margin || nearest > largest + margin) {
                return false;
            }
            rounded[i] = (short) Math.clamp(nearest, smallest, largest);
        }
        return true;
    }

    /** Steps {@code from} to {@code to}, counted around the circle. */
    private void forward(int from, int to) {
        int excess = 0;
        for (int i = from; i < to; i++) {
            int step = i % steps;
            int least = step(rounded[step], (short) excess, step * pointersPerStep());
            excess = least & (-1 << bits);
        }
    }

    private void start(short cost) {
        for (int group = 0; group < groups; group++) {
            setCost(group, tagged(group, cost));
        }
    }

    private short tagged(int group, short cost) {
        return (short) ((cost & (-1 << bits)) | group / (groups >> bits));
    }

    private int cheapest() {
        int best = 0;
        int least = Integer.MAX_VALUE;
        for (int group = 0; group < groups; group++) {
            int cost = Short.toUnsignedInt(cost(group)) >>> bits;
            if (cost < least) {
                least = cost;
                best = group;
            }
        }
        return best;
    }

    /** The state at {@code step} of the cheapest path that leaves {@code group}. */
    private int state(int step, int group) {
        int together = Short.SIZE / pointerBits(bits);
        int vector = group / LANES;
        int word = pointers[step * pointersPerStep() + vector / together * LANES + group % LANES];
        int shift = (together - 1 - vector % together) * pointerBits(bits);
        int branch = (word >>> shift) & ((1 << bits) - 1);
        return branch * groups + group;
    }

    private int pointersPerStep() {
        return groups * pointerBits(bits) / Short.SIZE;
    }

    private short[] units(float[] values) {
        short[] units = new short[values.length];
        for (int i = 0; i < values.length; i++) {
            units[i] = (short) Math.round(values[i] * scale);
        }
        return units;
    }

    private short[] laneOrder(short[] natural) {
        VectorShuffle<Short> shuffle = natural(bits);
        short[] ordered = new short[natural.length];
        for (int i = 0; i < natural.length; i++) {
            ordered[i - i % LANES + shuffle.laneSource(i % LANES)] = natural[i];
        }
        return ordered;
    }

    /**
     * Brings lanes into natural order. A vector begins with the LANES / 2^K predecessors for new bits 0, then those for
     * new bits 1, and so on; in natural order the new bits count fastest.
     */
    static VectorShuffle<Short> natural(int bits) {
        int branches = 1 << bits;
        int width = LANES / branches;
        return width <= 1
                ? VectorShuffle.iota(SHORTS, 0, 1, false)
                : VectorShuffle.fromOp(SHORTS, lane -> lane % branches * width + lane / branches);
    }

    /** The cost of the paths that enter with {@code entering} and go through the states from {@code state} on. */
    static ShortVector through(
            short[] table, int state, ShortVector values, ShortVector cap, ShortVector mask, ShortVector entering) {
        ShortVector distance =
                ShortVector.fromArray(SHORTS, table, state).sub(values).abs().min(cap);
        return distance.mul(distance).and(mask).lanewise(SUADD, entering);
    }
}
