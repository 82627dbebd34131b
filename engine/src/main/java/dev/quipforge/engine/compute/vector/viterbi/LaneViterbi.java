package dev.quipforge.engine.compute.vector.viterbi;

import static jdk.incubator.vector.VectorOperators.MIN;
import static jdk.incubator.vector.VectorOperators.XOR;

import dev.quipforge.engine.trellis.Trellis;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The Viterbi algorithm with costs in unsigned 16-bit lanes.
 *
 * <p>Weights and values are rounded to multiples of a unit; a cost is the sum of squared distances in that unit, less the
 * least cost of the step before, saturating. The subclasses differ in how they know the way back.
 */
abstract class LaneViterbi {

    static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    static final int LANES = SHORTS.length();

    /** Distances are capped here: the square still fits in 16 bits. */
    static final short CAP = 255;

    /** The root mean square of the code in units at 1 bit; it doubles with every bit, as the error halves. */
    private static final int UNITS_PER_RMS = 36;

    /** Beyond this many bits the range of a short would not hold the values in units. */
    private static final int FINEST_BITS = 7;

    /** Root mean squares by which weights may lie outside the values of the code without saturating. */
    private static final int MARGIN = 2;

    /** Units by which a weight may lie outside at most; it is clipped there, since beyond all distances are capped. */
    private static final int OUTSIDE = CAP / 2;

    final int stepBits;
    final int groups;
    final int steps;
    final int values;

    private final int unitsPerRms;
    private final double scale;
    private final float[] natural;
    private final short smallest;
    private final short largest;
    private final short[] rounded;

    LaneViterbi(Trellis trellis, int steps) {
        this.stepBits = trellis.stepBits();
        this.groups = trellis.groups();
        this.steps = steps;
        this.values = trellis.values();
        this.unitsPerRms = UNITS_PER_RMS << (Math.min(trellis.bits(), FINEST_BITS) - 1);
        this.scale = unitsPerRms / trellis.rms();
        this.natural = trellis.table();
        float least = 0;
        float most = 0;
        for (float value : natural) {
            least = Math.min(least, value);
            most = Math.max(most, value);
        }
        this.smallest = units(least);
        this.largest = units(most);
        this.rounded = new short[steps * values];
    }

    /** Whether there are lanes for this trellis. */
    static boolean supports(Trellis trellis) {
        return TaggedViterbi.supports(trellis) || StoredViterbi.supports(trellis);
    }

    static LaneViterbi of(Trellis trellis, int steps) {
        return TaggedViterbi.supports(trellis) ? TaggedViterbi.of(trellis, steps) : new StoredViterbi(trellis, steps);
    }

    /** Makes it cost nothing to enter any group. */
    abstract void start();

    /** Makes it cost nothing to enter {@code group}, and as much as possible to enter any other. */
    abstract void start(int group);

    /**
     * One step: costs of leaving from costs of entering; they are those of entering the next step then.
     *
     * @param step which step of the sequence it is
     * @param weights the weights in units, from {@code step} · V on
     * @param excess what to take off every cost: the least cost of entering
     * @return the least cost of leaving
     */
    abstract int advance(int step, short[] weights, int excess);

    /** The first of the groups that it costs least to enter. */
    abstract int cheapest();

    /** The state at {@code step} of the cheapest path that leaves {@code group}. */
    abstract int state(int step, int group);

    /**
     * Finds a state sequence.
     *
     * @param sequence the weights
     * @param before steps of the first pass before the seam
     * @param after steps of the first pass from the seam on
     * @param states receives the states
     * @return whether it is good: not when a weight is far from all values, or saturated costs left the ends apart
     */
    final boolean encode(float[] sequence, int before, int after, int[] states) {
        if (!roundToUnits(sequence)) {
            return false;
        }
        start();
        forward(steps - before, steps + after);
        int group = cheapest();
        for (int step = after - 1; step >= 0; step--) {
            group = state(step, group) >>> stepBits;
        }
        int overlap = group;
        start(overlap);
        forward(0, steps);
        for (int step = steps - 1; step >= 0; step--) {
            states[step] = state(step, group);
            group = states[step] >>> stepBits;
        }
        return group == overlap && isNear(states);
    }

    /** Whether no distance was capped; of several capped ones the least cannot be told. */
    private boolean isNear(int[] states) {
        for (int i = 0; i < rounded.length; i++) {
            int value = units(natural[states[i / values] * values + i % values]);
            if (Math.abs(value - rounded[i]) >= CAP) {
                return false;
            }
        }
        return true;
    }

    private boolean roundToUnits(float[] sequence) {
        int margin = MARGIN * unitsPerRms;
        for (int i = 0; i < rounded.length; i++) {
            long nearest = Math.round(sequence[i] * scale);
            if (nearest < smallest - margin || nearest > largest + margin) {
                return false;
            }
            rounded[i] = (short) Math.clamp(nearest, smallest - OUTSIDE, largest + OUTSIDE);
        }
        return true;
    }

    /** Steps {@code from} to {@code to}, counted around the circle. */
    private void forward(int from, int to) {
        int excess = 0;
        for (int i = from; i < to; i++) {
            excess = advance(i % steps, rounded, excess);
        }
    }

    /** The least of all lanes, unsigned. */
    static int smallest(ShortVector lanes) {
        // HotSpot reduces to the signed minimum by instructions, to the unsigned one lane by lane
        short least = lanes.lanewise(XOR, Short.MIN_VALUE).reduceLanes(MIN);
        return Short.toUnsignedInt((short) (least ^ Short.MIN_VALUE));
    }

    /** A value in units. */
    final short units(float value) {
        return (short) Math.round(value * scale);
    }
}
