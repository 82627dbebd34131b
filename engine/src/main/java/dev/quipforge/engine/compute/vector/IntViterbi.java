package dev.quipforge.engine.compute.vector;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.SUSUB;
import static jdk.incubator.vector.VectorOperators.UMIN;

import dev.quipforge.engine.trellis.Trellis;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** The step where 2 successive costs, one int, fill a vector when repeated: K = 2 with 8 lanes, K = 3 with 16, K = 4 with 32. */
final class IntViterbi extends ShortViterbi {

    /** Shorts of one element. */
    private static final int WIDTH = 2;

    /** K, where elements of this width are repeated to fill a vector. */
    private static final int BITS = Integer.numberOfTrailingZeros(LANES / WIDTH);

    private static final VectorShuffle<Short> NATURAL = natural(BITS);
    private static final VectorSpecies<Integer> ELEMENTS = IntVector.SPECIES_PREFERRED;

    private int[] entering;
    private int[] leaving;

    IntViterbi(Trellis trellis, int steps) {
        super(trellis, steps);
        this.entering = new int[groups / WIDTH];
        this.leaving = new int[groups / WIDTH];
    }

    @Override
    short cost(int group) {
        return (short) (entering[group / WIDTH] >>> shift(group));
    }

    @Override
    void setCost(int group, short cost) {
        int others = entering[group / WIDTH] & ~(0xFFFF << shift(group));
        entering[group / WIDTH] = others | Short.toUnsignedInt(cost) << shift(group);
    }

    private static int shift(int group) {
        int place = group % WIDTH;
        return Short.SIZE * (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? place : WIDTH - 1 - place);
    }

    @Override
    int step(short value, short excess, int pointer) {
        int least = step(table, entering, leaving, value, excess, pointers, pointer);
        int[] swap = entering;
        entering = leaving;
        leaving = swap;
        return least;
    }

    private static int step(
            short[] table, int[] entering, int[] leaving, short value, short excess, short[] pointers, int pointer) {
        ShortVector values = ShortVector.broadcast(SHORTS, value);
        ShortVector excesses = ShortVector.broadcast(SHORTS, excess);
        ShortVector cap = ShortVector.broadcast(SHORTS, CAP);
        ShortVector mask = ShortVector.broadcast(SHORTS, (short) (-1 << BITS));
        ShortVector branches = mask.not();
        ShortVector least = ShortVector.broadcast(SHORTS, (short) -1);
        int pointerBits = pointerBits(BITS);
        int groups = leaving.length * WIDTH;
        int segment = groups >> BITS;
        int span = LANES * Short.SIZE / pointerBits;
        int word = pointer;
        for (int first = 0; first < groups; first += span) {
            ShortVector tags = ShortVector.broadcast(SHORTS, (short) (first / segment));
            ShortVector packed = ShortVector.zero(SHORTS);
            for (int group = first; group < first + span; group += LANES) {
                ShortVector cost = ShortVector.broadcast(SHORTS, (short) -1);
                for (int branch = 0; branch < 1 << BITS; branch += 4) {
                    int state = branch * groups + group;
                    ShortVector some = least(table, state, groups, entering, values, cap, mask);
                    cost = cost.lanewise(UMIN, some);
                }
                cost = cost.lanewise(SUSUB, excesses).rearrange(NATURAL);
                least = least.lanewise(UMIN, cost);
                packed = packed.lanewise(LSHL, pointerBits).or(cost.and(branches));
                cost.and(mask).or(tags).reinterpretAsInts().intoArray(leaving, group / WIDTH);
            }
            packed.intoArray(pointers, word);
            word += LANES;
        }
        return Short.toUnsignedInt(least.reduceLanes(UMIN));
    }

    /** The least cost of the paths through four states that end in the same bits. */
    private static ShortVector least(
            short[] table,
            int state,
            int groups,
            int[] entering,
            ShortVector values,
            ShortVector cap,
            ShortVector mask) {
        ShortVector a = through(table, state, values, cap, mask, repeat(entering, state));
        ShortVector b = through(table, state + groups, values, cap, mask, repeat(entering, state + groups));
        ShortVector c = through(table, state + 2 * groups, values, cap, mask, repeat(entering, state + 2 * groups));
        ShortVector d = through(table, state + 3 * groups, values, cap, mask, repeat(entering, state + 3 * groups));
        return a.lanewise(UMIN, b).lanewise(UMIN, c.lanewise(UMIN, d));
    }

    private static ShortVector repeat(int[] entering, int state) {
        return IntVector.broadcast(ELEMENTS, entering[state / LANES]).reinterpretAsShorts();
    }
}
