package dev.quipforge.engine.compute.vector.viterbi;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.SUSUB;
import static jdk.incubator.vector.VectorOperators.UMIN;

import dev.quipforge.engine.trellis.Trellis;
import java.util.Arrays;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShuffle;

/**
 * {@link EightShortViterbi} for the trellis of 2^16 states at 2 bits alone, with 32 lanes, where it is much faster.
 *
 * <p>An address that finds no integer register is kept in a vector register by HotSpot, and a load that has to fetch it from
 * there waits behind all the arithmetic that is queued. So the inner loop must need few of them: sizes are constants; the
 * groups that have the same back pointer, a quarter of all, are a method with nothing around its loops; the table is its
 * last parameter, which comes in memory; back pointers are put behind the costs first. What lanes to take is in vectors,
 * since a shuffle is loaded and checked again whenever it is used.
 */
final class UsualViterbi extends TaggedViterbi {

    private static final int STATE_BITS = 16;
    private static final int BITS = 2;
    private static final int GROUPS = 1 << (STATE_BITS - BITS);
    private static final int SEGMENT = GROUPS >> BITS;

    /** Costs of entering that one vector of states needs of a segment. */
    private static final int WIDTH = 8;

    /** Values of the states that are entered from one group of a segment, in all branches. */
    private static final int STATES = 1 << (2 * BITS);

    /** Groups of a segment that a vector of packed back pointers is for. */
    private static final int SPAN = (LANES * Short.SIZE / BITS) >> BITS;

    /** Where the back pointers of a step are: behind the costs, and what a vector of the last few of them is loaded with. */
    private static final int POINTERS = GROUPS + LANES;

    private static final int POINTER_WORDS = GROUPS * BITS / Short.SIZE;

    /** Lanes to take, for {@link ShortVector#selectFrom}. */
    private static final short[] NATURAL = lanes(natural(BITS));

    private static final short[] REPEAT = lanes(VectorShuffle.fromOp(SHORTS, lane -> lane % WIDTH));

    private short[] entering = new short[POINTERS + POINTER_WORDS];
    private short[] leaving = new short[POINTERS + POINTER_WORDS];

    UsualViterbi(Trellis trellis, int steps) {
        super(trellis, steps);
    }

    /** Whether {@code trellis} is the one that this is for, and there are the lanes. */
    static boolean supports(Trellis trellis) {
        return LANES == WIDTH << BITS
                && trellis.stateBits() == STATE_BITS
                && trellis.bits() == BITS
                && trellis.values() == 1;
    }

    @Override
    short cost(int group) {
        return entering[group];
    }

    @Override
    void setCost(int group, short cost) {
        entering[group] = cost;
    }

    @Override
    void fill(int from, int to, short cost) {
        Arrays.fill(entering, from, to, cost);
    }

    @Override
    int step(short weight, short excess, int pointer) {
        int least = Integer.MAX_VALUE;
        for (int tag = 0; tag < 1 << BITS; tag++) {
            least = Math.min(least, quarter(weight, excess, tag, entering, leaving, table));
        }
        System.arraycopy(leaving, POINTERS, pointers, pointer, POINTER_WORDS);
        short[] swap = entering;
        entering = leaving;
        leaving = swap;
        return least;
    }

    /** The groups whose high bits are {@code tag}. */
    private static int quarter(short value, short excess, int tag, short[] entering, short[] leaving, short[] table) {
        ShortVector values = ShortVector.broadcast(SHORTS, value);
        ShortVector excesses = ShortVector.broadcast(SHORTS, excess);
        ShortVector cap = ShortVector.broadcast(SHORTS, CAP);
        ShortVector mask = ShortVector.broadcast(SHORTS, (short) (-1 << BITS));
        ShortVector branches = mask.not();
        ShortVector tags = ShortVector.broadcast(SHORTS, (short) tag);
        ShortVector natural = ShortVector.fromArray(SHORTS, NATURAL, 0);
        ShortVector repeat = ShortVector.fromArray(SHORTS, REPEAT, 0);
        ShortVector least = ShortVector.broadcast(SHORTS, (short) -1);
        int from = tag * (SEGMENT >> BITS);
        int end = from + (SEGMENT >> BITS);
        while (from < end) {
            ShortVector packed = ShortVector.zero(SHORTS);
            for (int stop = from + SPAN; from < stop; from += WIDTH) {
                ShortVector cost = ShortVector.broadcast(SHORTS, (short) -1);
                for (int branch = 0; branch < 1 << BITS; branch++) {
                    ShortVector some = ShortVector.fromArray(SHORTS, entering, from + branch * SEGMENT);
                    int index = from * STATES + branch * LANES;
                    cost = cost.lanewise(UMIN, through(table, index, values, cap, mask, repeat.selectFrom(some)));
                }
                cost = natural.selectFrom(cost.lanewise(SUSUB, excesses));
                least = least.lanewise(UMIN, cost);
                packed = packed.lanewise(LSHL, BITS).or(cost.and(branches));
                cost.and(mask).or(tags).intoArray(leaving, from << BITS);
            }
            packed.intoArray(leaving, POINTERS + (from - SPAN) * LANES / SPAN);
        }
        return smallest(least);
    }

    private static short[] lanes(VectorShuffle<Short> shuffle) {
        short[] lanes = new short[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            lanes[lane] = (short) shuffle.laneSource(lane);
        }
        return lanes;
    }
}
