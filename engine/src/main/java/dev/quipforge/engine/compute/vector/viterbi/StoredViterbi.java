package dev.quipforge.engine.compute.vector.viterbi;

import static jdk.incubator.vector.VectorOperators.SUADD;
import static jdk.incubator.vector.VectorOperators.SUSUB;
import static jdk.incubator.vector.VectorOperators.UMIN;

import dev.quipforge.engine.trellis.Trellis;
import java.util.Arrays;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShuffle;

/**
 * Keeps the costs of all steps and finds the way back by computing those along the path again: for trellises with many
 * new bits a step, which have few groups and no room for back pointers in their costs, and for codes of two values a
 * state.
 *
 * <p>The table is kept in the order in which it is used: for every vector of groups, for every branch, the values of that
 * many states, first the first values, then the second.
 */
final class StoredViterbi extends LaneViterbi {

    private static final int INFINITE = 0xFFFF;

    private final int branches;

    /** Repeats each of the first lanes as often as one group has successors. */
    private final VectorShuffle<Short> repeat;

    private final short[] table;

    /** A ring of one more slot of {@link #stride} costs than there are steps. */
    private final short[] costs;

    private final int stride;

    /** For every step where in {@link #costs} the costs of entering it are. */
    private final int[] slots;

    private int entering;
    private short[] weights = {};

    StoredViterbi(Trellis trellis, int steps) {
        super(trellis, steps);
        this.branches = 1 << stepBits;
        this.repeat = VectorShuffle.fromOp(SHORTS, lane -> lane >>> stepBits);
        this.table = inOrder(trellis.table());
        // a vector of a few costs may be loaded from the last ones on
        this.stride = groups + LANES;
        this.costs = new short[(steps + 1) * stride];
        this.slots = new int[steps];
    }

    /** Whether there are enough groups to fill a vector. */
    static boolean supports(Trellis trellis) {
        return trellis.values() <= 2 && trellis.groups() >= LANES;
    }

    @Override
    void start() {
        entering = 0;
        Arrays.fill(costs, 0, groups, (short) 0);
    }

    @Override
    void start(int group) {
        entering = 0;
        Arrays.fill(costs, 0, groups, (short) INFINITE);
        costs[group] = 0;
    }

    @Override
    int advance(int step, short[] sequence, int excess) {
        weights = sequence;
        slots[step] = entering;
        int leaving = entering + stride == costs.length ? 0 : entering + stride;
        short first = sequence[step * values];
        short second = values == 2 ? sequence[step * values + 1] : 0;
        int least = step(new Span(entering, leaving), first, second, (short) excess);
        entering = leaving;
        return least;
    }

    private record Span(int entering, int leaving) {}

    private int step(Span span, short first, short second, short excess) {
        ShortVector firsts = ShortVector.broadcast(SHORTS, first);
        ShortVector seconds = ShortVector.broadcast(SHORTS, second);
        ShortVector excesses = ShortVector.broadcast(SHORTS, excess);
        ShortVector cap = ShortVector.broadcast(SHORTS, CAP);
        ShortVector least = ShortVector.broadcast(SHORTS, (short) INFINITE);
        boolean paired = values == 2;
        boolean several = branches < LANES;
        int index = 0;
        for (int group = 0; group < groups; group += LANES) {
            ShortVector cost = ShortVector.broadcast(SHORTS, (short) INFINITE);
            for (int state = group; state < groups << stepBits; state += groups) {
                int from = span.entering + (state >>> stepBits);
                ShortVector some = several
                        ? ShortVector.fromArray(SHORTS, costs, from).rearrange(repeat)
                        : ShortVector.broadcast(SHORTS, costs[from]);
                ShortVector distance = squared(table, index, firsts, cap);
                index += LANES;
                if (paired) {
                    distance = distance.lanewise(SUADD, squared(table, index, seconds, cap));
                    index += LANES;
                }
                cost = cost.lanewise(UMIN, distance.lanewise(SUADD, some));
            }
            cost = cost.lanewise(SUSUB, excesses);
            least = least.lanewise(UMIN, cost);
            cost.intoArray(costs, span.leaving + group);
        }
        return smallest(least);
    }

    private static ShortVector squared(short[] table, int index, ShortVector weights, ShortVector cap) {
        ShortVector distance =
                ShortVector.fromArray(SHORTS, table, index).sub(weights).abs().min(cap);
        return distance.mul(distance);
    }

    @Override
    int cheapest() {
        int best = 0;
        for (int group = 1; group < groups; group++) {
            if (cost(entering + group) < cost(entering + best)) {
                best = group;
            }
        }
        return best;
    }

    @Override
    int state(int step, int group) {
        int best = group;
        int least = Integer.MAX_VALUE;
        for (int state = group; state < groups << stepBits; state += groups) {
            int distance = 0;
            for (int v = 0; v < values; v++) {
                int difference = table[index(state, v)] - weights[step * values + v];
                int capped = Math.min(Math.abs(difference), CAP);
                distance += capped * capped;
            }
            int cost = Math.min(INFINITE, distance + cost(slots[step] + (state >>> stepBits)));
            if (cost < least) {
                least = cost;
                best = state;
            }
        }
        return best;
    }

    private int cost(int index) {
        return Short.toUnsignedInt(costs[index]);
    }

    private short[] inOrder(float[] natural) {
        short[] ordered = new short[natural.length];
        for (int i = 0; i < natural.length; i++) {
            ordered[index(i / values, i % values)] = units(natural[i]);
        }
        return ordered;
    }

    private int index(int state, int value) {
        int vector = state % groups / LANES;
        int branch = state / groups;
        return ((vector * branches + branch) * values + value) * LANES + state % LANES;
    }
}
