package dev.quipforge.engine.compute.vector.viterbi;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.SUSUB;
import static jdk.incubator.vector.VectorOperators.UMIN;

import dev.quipforge.engine.trellis.Trellis;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** The step where 2 successive costs, one int, fill a vector when repeated: K = 2 with 8 lanes, K = 3 with 16, K = 4 with 32. */
final class IntViterbi extends TaggedViterbi {

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

    @Override
    void fill(int from, int to, short cost) {
        Arrays.fill(entering, from / WIDTH, to / WIDTH, Short.toUnsignedInt(cost) * 0x0001_0001);
    }

    private static int shift(int group) {
        int place = group % WIDTH;
        return Short.SIZE * (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? place : WIDTH - 1 - place);
    }

    @Override
    int step(short weight, short excess, int pointer) {
        int least = step(table, entering, leaving, weight, excess, pointers, pointer);
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
                cost.and(mask).or(tags).reinterpretAsInts().intoArray(leaving, group / WIDTH);
            }
            packed.intoArray(pointers, word);
            word += LANES;
        }
        return smallest(least);
    }

    private static ShortVector repeat(int[] entering, int state) {
        return IntVector.broadcast(ELEMENTS, entering[state / LANES]).reinterpretAsShorts();
    }
}
