package dev.quipforge.engine.compute.vector.viterbi;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.SUSUB;
import static jdk.incubator.vector.VectorOperators.UMIN;

import dev.quipforge.engine.trellis.Trellis;
import java.util.Arrays;
import jdk.incubator.vector.ShortVector;

/** The step where all lanes of a vector come from one group: 2^K of at least {@link #LANES}. */
final class OneShortViterbi extends TaggedViterbi {

    private short[] entering;
    private short[] leaving;

    OneShortViterbi(Trellis trellis, int steps) {
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
        int least = step(table, bits, entering, leaving, weight, excess, pointers, pointer);
        short[] swap = entering;
        entering = leaving;
        leaving = swap;
        return least;
    }

    private static int step(
            short[] table,
            int bits,
            short[] entering,
            short[] leaving,
            short value,
            short excess,
            short[] pointers,
            int pointer) {
        ShortVector values = ShortVector.broadcast(SHORTS, value);
        ShortVector excesses = ShortVector.broadcast(SHORTS, excess);
        ShortVector cap = ShortVector.broadcast(SHORTS, CAP);
        ShortVector mask = ShortVector.broadcast(SHORTS, (short) (-1 << bits));
        ShortVector branches = mask.not();
        ShortVector least = ShortVector.broadcast(SHORTS, (short) -1);
        int pointerBits = pointerBits(bits);
        int groups = leaving.length;
        int segment = groups >> bits;
        int span = LANES * Short.SIZE / pointerBits;
        int word = pointer;
        int index = 0;
        for (int first = 0; first < groups; first += span) {
            ShortVector tags = ShortVector.broadcast(SHORTS, (short) (first / segment));
            ShortVector packed = ShortVector.zero(SHORTS);
            for (int group = first; group < first + span; group += LANES) {
                ShortVector cost = ShortVector.broadcast(SHORTS, (short) -1);
                for (int state = group; state < groups << bits; state += groups) {
                    ShortVector some = through(table, index, values, cap, mask, repeat(entering, state >>> bits));
                    cost = cost.lanewise(UMIN, some);
                    index += LANES;
                }
                cost = cost.lanewise(SUSUB, excesses);
                least = least.lanewise(UMIN, cost);
                packed = packed.lanewise(LSHL, pointerBits).or(cost.and(branches));
                cost.and(mask).or(tags).intoArray(leaving, group);
            }
            packed.intoArray(pointers, word);
            word += LANES;
        }
        return smallest(least);
    }

    private static ShortVector repeat(short[] entering, int group) {
        return ShortVector.broadcast(SHORTS, entering[group]);
    }
}
