package dev.quipforge.engine.compute.vector.viterbi;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.SUSUB;
import static jdk.incubator.vector.VectorOperators.UMIN;

import dev.quipforge.engine.trellis.Trellis;
import java.util.Arrays;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** The step where 8 successive costs fill a vector when repeated: K = 2 with 32 lanes, K = 1 with 16. */
final class EightShortViterbi extends TaggedViterbi {

    /** Shorts of what is repeated. */
    private static final int WIDTH = 8;

    /** K, where so many shorts are repeated to fill a vector. */
    private static final int BITS = Integer.numberOfTrailingZeros(LANES / WIDTH);

    private static final VectorShuffle<Short> NATURAL = natural(BITS);
    private static final VectorSpecies<Short> EIGHT = ShortVector.SPECIES_128;
    private static final VectorShuffle<Short> REPEAT = VectorShuffle.fromOp(SHORTS, lane -> lane % WIDTH);

    private short[] entering;
    private short[] leaving;

    EightShortViterbi(Trellis trellis, int steps) {
        super(trellis, steps);
        this.entering = new short[groups];
        this.leaving = new short[groups];
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
        int least = step(table, entering, leaving, weight, excess, pointers, pointer);
        short[] swap = entering;
        entering = leaving;
        leaving = swap;
        return least;
    }

    private static int step(
            short[] table,
            short[] entering,
            short[] leaving,
            short value,
            short excess,
            short[] pointers,
            int pointer) {
        ShortVector values = ShortVector.broadcast(SHORTS, value);
        ShortVector excesses = ShortVector.broadcast(SHORTS, excess);
        ShortVector cap = ShortVector.broadcast(SHORTS, CAP);
        ShortVector mask = ShortVector.broadcast(SHORTS, (short) (-1 << BITS));
        ShortVector branches = mask.not();
        ShortVector least = ShortVector.broadcast(SHORTS, (short) -1);
        int pointerBits = pointerBits(BITS);
        int groups = leaving.length;
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
                cost.and(mask).or(tags).intoArray(leaving, group);
            }
            packed.intoArray(pointers, word);
            word += LANES;
        }
        return smallest(least);
    }

    private static ShortVector repeat(short[] entering, int state) {
        ShortVector some = ShortVector.fromArray(EIGHT, entering, state >>> BITS);
        return ((ShortVector) some.reinterpretShape(SHORTS, 0)).rearrange(REPEAT);
    }
}
