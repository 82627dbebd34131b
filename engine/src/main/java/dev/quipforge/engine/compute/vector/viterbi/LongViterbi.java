package dev.quipforge.engine.compute.vector.viterbi;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.SUSUB;
import static jdk.incubator.vector.VectorOperators.UMIN;

import dev.quipforge.engine.trellis.Trellis;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** The step where 4 successive costs, one long, fill a vector when repeated: K = 2 with 16 lanes, K = 3 with 32. */
final class LongViterbi extends TaggedViterbi {

    /** Shorts of one element. */
    private static final int WIDTH = 4;

    /** K, where elements of this width are repeated to fill a vector. */
    private static final int BITS = Integer.numberOfTrailingZeros(LANES / WIDTH);

    private static final VectorShuffle<Short> NATURAL = natural(BITS);
    private static final VectorSpecies<Long> ELEMENTS = LongVector.SPECIES_PREFERRED;

    private long[] entering;
    private long[] leaving;

    LongViterbi(Trellis trellis, int steps) {
        super(trellis, steps);
        this.entering = new long[groups / WIDTH];
        this.leaving = new long[groups / WIDTH];
    }

    @Override
    short cost(int group) {
        return (short) (entering[group / WIDTH] >>> shift(group));
    }

    @Override
    void setCost(int group, short cost) {
        long others = entering[group / WIDTH] & ~(0xFFFFL << shift(group));
        entering[group / WIDTH] = others | Short.toUnsignedLong(cost) << shift(group);
    }

    @Override
    void fill(int from, int to, short cost) {
        Arrays.fill(entering, from / WIDTH, to / WIDTH, Short.toUnsignedLong(cost) * 0x0001_0001_0001_0001L);
    }

    private static int shift(int group) {
        int place = group % WIDTH;
        return Short.SIZE * (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? place : WIDTH - 1 - place);
    }

    @Override
    int step(short weight, short excess, int pointer) {
        int least = step(table, entering, leaving, weight, excess, pointers, pointer);
        long[] swap = entering;
        entering = leaving;
        leaving = swap;
        return least;
    }

    private static int step(
            short[] table, long[] entering, long[] leaving, short value, short excess, short[] pointers, int pointer) {
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
        int index = 0;
        for (int first = 0; first < groups; first += span) {
            ShortVector tags = ShortVector.broadcast(SHORTS, (short) (first / segment));
            ShortVector packed = ShortVector.zero(SHORTS);
            for (int group = first; group < first + span; group += LANES) {
                ShortVector cost = ShortVector.broadcast(SHORTS, (short) -1);
                for (int state = group; state < groups << BITS; state += groups) {
                    ShortVector some = through(table, index, values, cap, mask, repeat(entering, state));
                    cost = cost.lanewise(UMIN, some);
                    index += LANES;
                }
                cost = cost.lanewise(SUSUB, excesses).rearrange(NATURAL);
                least = least.lanewise(UMIN, cost);
                packed = packed.lanewise(LSHL, pointerBits).or(cost.and(branches));
                cost.and(mask).or(tags).reinterpretAsLongs().intoArray(leaving, group / WIDTH);
            }
            packed.intoArray(pointers, word);
            word += LANES;
        }
        return smallest(least);
    }

    private static ShortVector repeat(long[] entering, int state) {
        return LongVector.broadcast(ELEMENTS, entering[state / LANES]).reinterpretAsShorts();
    }
}
