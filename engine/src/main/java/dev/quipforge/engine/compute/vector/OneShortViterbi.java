package dev.quipforge.engine.compute.vector;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.SUSUB;
import static jdk.incubator.vector.VectorOperators.UMIN;

import dev.quipforge.engine.trellis.Trellis;
import jdk.incubator.vector.ShortVector;

/** The step where all lanes of a vector come from one group: 2^K of at least {@link #LANES}. */
final class OneShortViterbi extends ShortViterbi {

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
    int step(short value, short excess, int pointer) {
        int least = step(table, bits, entering, leaving, value, excess, pointers, pointer);
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
        for (int first = 0; first < groups; first += span) {
            ShortVector tags = ShortVector.broadcast(SHORTS, (short) (first / segment));
            ShortVector packed = ShortVector.zero(SHORTS);
            for (int group = first; group < first + span; group += LANES) {
                ShortVector cost = ShortVector.broadcast(SHORTS, (short) -1);
                for (int branch = 0; branch < 1 << bits; branch += 4) {
                    int state = branch * groups + group;
                    ShortVector some = least(table, state, groups, bits, entering, values, cap, mask);
                    cost = cost.lanewise(UMIN, some);
                }
                cost = cost.lanewise(SUSUB, excesses);
                least = least.lanewise(UMIN, cost);
                packed = packed.lanewise(LSHL, pointerBits).or(cost.and(branches));
                cost.and(mask).or(tags).intoArray(leaving, group);
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
            int bits,
            short[] entering,
            ShortVector values,
            ShortVector cap,
            ShortVector mask) {
        ShortVector a = through(table, state, values, cap, mask, repeat(entering, state >>> bits));
        ShortVector b = through(table, state + groups, values, cap, mask, repeat(entering, (state + groups) >>> bits));
        ShortVector c =
                through(table, state + 2 * groups, values, cap, mask, repeat(entering, (state + 2 * groups) >>> bits));
        ShortVector d =
                through(table, state + 3 * groups, values, cap, mask, repeat(entering, (state + 3 * groups) >>> bits));
        return a.lanewise(UMIN, b).lanewise(UMIN, c.lanewise(UMIN, d));
    }

    private static ShortVector repeat(short[] entering, int group) {
        return ShortVector.broadcast(SHORTS, entering[group]);
    }
}
