package dev.quipforge.engine.compute.vector.viterbi;

import static jdk.incubator.vector.VectorOperators.SUADD;

import dev.quipforge.engine.trellis.Trellis;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShuffle;

/**
 * Keeps packed back pointers, for trellises of one value a state and at most 4 bits.
 *
 * <p>The lowest K bits of a cost are the high K bits of the index of the group that it belongs to, so that the least cost
 * over the 2^K states that end in the same bits brings its own back pointer with it; these are packed into K bits a group
 * and step (4 bits for K = 3).
 *
 * <p>One vector holds the costs of {@link #LANES} successive groups. They come from LANES / 2^K successive groups of the
 * step before in each of 2^K segments: these are broadcast as one element of that width, and the table of values is kept
 * in the order that follows. One shuffle brings the least costs into natural order. The subclasses differ in the width of
 * that element only; each has its own loop, since the compiler keeps vectors in registers only where it knows all types.
 */
abstract class TaggedViterbi extends LaneViterbi {

    /** Values of the states in units, in the order in which they are used: vector by vector, branch by branch. */
    final short[] table;

    /** Packed back pointers of all steps. */
    final short[] pointers;

    final int bits;

    TaggedViterbi(Trellis trellis, int steps) {
        super(trellis, steps);
        this.bits = trellis.bits();
        this.table = inOrder(trellis.table());
        this.pointers = new short[steps * pointersPerStep()];
    }

    /** Whether there are lanes for this trellis: bits for which there is a step, and enough groups to fill the lanes. */
    static boolean supports(Trellis trellis) {
        int segment = trellis.groups() >> trellis.bits();
        boolean stepped = trellis.bits() <= 4 && (trellis.bits() >= 2 || LANES == 16);
        return trellis.values() == 1 && stepped && segment >= LANES * Short.SIZE / pointerBits(trellis.bits());
    }

    static LaneViterbi of(Trellis trellis, int steps) {
        return switch (LANES >> trellis.bits()) {
            case 8 ->
                UsualViterbi.supports(trellis)
                        ? new UsualViterbi(trellis, steps)
                        : new EightShortViterbi(trellis, steps);
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

    /** Sets the cost of entering any group from {@code from} to {@code to}, exclusive, which are multiples of the segment. */
    abstract void fill(int from, int to, short cost);

    /**
     * One step: costs of leaving from costs of entering; they are those of entering the next step then.
     *
     * @param weight the weight of this step, in units
     * @param excess what to take off every cost: the least cost of entering
     * @param pointer where the back pointers of this step begin
     * @return the least cost of leaving, with the bits of its back pointer
     */
    abstract int step(short weight, short excess, int pointer);

    @Override
    final int advance(int step, short[] weights, int excess) {
        return step(weights[step], (short) excess, step * pointersPerStep()) & (-1 << bits);
    }

    @Override
    final void start() {
        fill((short) 0);
    }

    @Override
    final void start(int only) {
        fill((short) -1);
        setCost(only, tagged(only / segment(), (short) 0));
    }

    /** The same cost for all groups, in every segment with its own back pointer. */
    private void fill(short cost) {
        for (int tag = 0; tag < 1 << bits; tag++) {
            fill(tag * segment(), (tag + 1) * segment(), tagged(tag, cost));
        }
    }

    private short tagged(int tag, short cost) {
        return (short) ((cost & (-1 << bits)) | tag);
    }

    /** Groups with the same high bits. */
    private int segment() {
        return groups >> bits;
    }

    @Override
    final int cheapest() {
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

    @Override
    final int state(int step, int group) {
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

    private short[] inOrder(float[] natural) {
        VectorShuffle<Short> shuffle = natural(bits);
        short[] ordered = new short[natural.length];
        for (int state = 0; state < natural.length; state++) {
            int vector = state % groups / LANES;
            int branch = state / groups;
            int place = ((vector << bits) + branch) * LANES;
            ordered[place + shuffle.laneSource(state % LANES)] = units(natural[state]);
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

    /** The cost of the paths that enter with {@code entering} and go through the states at {@code index}. */
    static ShortVector through(
            short[] table, int index, ShortVector values, ShortVector cap, ShortVector mask, ShortVector entering) {
        ShortVector distance =
                ShortVector.fromArray(SHORTS, table, index).sub(values).abs().min(cap);
        return distance.mul(distance).and(mask).lanewise(SUADD, entering);
    }
}
