package dev.quipforge.engine.trellis;

import java.util.Arrays;

/**
 * The Viterbi algorithm as it is defined, in double precision and without any optimization (QTIP, section 3 and
 * algorithm 4). Of states with equal costs the smallest wins.
 */
public final class Viterbi {

    private final Trellis trellis;
    private final int steps;
    private final float[] table;
    /** For every step and group the predecessor's high bits that cost least. */
    private final short[][] branches;

    private double[] entering;
    private double[] leaving;

    /**
     * @param trellis the code
     * @param length weights of a sequence
     */
    public Viterbi(Trellis trellis, int length) {
        this.trellis = trellis;
        this.steps = trellis.steps(length);
        this.table = trellis.table();
        this.branches = new short[steps][trellis.groups()];
        this.entering = new double[trellis.groups()];
        this.leaving = new double[trellis.groups()];
    }

    /** The tail-biting state sequence for {@code sequence}, with the overlap that {@code tailBiting} finds. */
    public int[] encode(float[] sequence, TailBiting tailBiting) {
        return encode(sequence, overlap(sequence, tailBiting));
    }

    /**
     * The cheapest state sequence whose first state begins, and whose last state ends, with the bits {@code overlap}
     * (L − KV of them).
     */
    public int[] encode(float[] sequence, int overlap) {
        Arrays.fill(entering, Double.POSITIVE_INFINITY);
        entering[overlap] = 0;
        forward(sequence, 0, steps);
        int[] states = new int[steps];
        int group = overlap;
        for (int step = steps - 1; step >= 0; step--) {
            states[step] = state(step, group);
            group = states[step] >>> trellis.stepBits();
        }
        return states;
    }

    /** The squared error of a state sequence. */
    public double cost(float[] sequence, int[] states) {
        double cost = 0;
        for (int step = 0; step < steps; step++) {
            cost += distance(states[step], sequence, step);
        }
        return cost;
    }

    /** The bits that the free path of the first pass has at the seam. */
    private int overlap(float[] sequence, TailBiting tailBiting) {
        int before = tailBiting.before(trellis, steps);
        int after = tailBiting.after(trellis, steps);
        Arrays.fill(entering, 0);
        forward(sequence, steps - before, steps + after);
        int group = 0;
        for (int other = 1; other < entering.length; other++) {
            if (entering[other] < entering[group]) {
                group = other;
            }
        }
        for (int step = after - 1; step >= 0; step--) {
            group = state(step, group) >>> trellis.stepBits();
        }
        return group;
    }

    /** Runs over steps {@code from} to {@code to}, counted around the circle; {@link #entering} holds the costs. */
    private void forward(float[] sequence, int from, int to) {
        for (int step = from; step < to; step++) {
            advance(sequence, step % steps);
            double[] swap = entering;
            entering = leaving;
            leaving = swap;
        }
    }

    /** The cost of leaving each group is the least over the states that end in its bits. */
    private void advance(float[] sequence, int step) {
        int groupBits = trellis.stateBits() - trellis.stepBits();
        for (int group = 0; group < leaving.length; group++) {
            double least = Double.POSITIVE_INFINITY;
            int branch = 0;
            for (int high = 0; high < 1 << trellis.stepBits(); high++) {
                int state = high << groupBits | group;
                double cost = entering[state >>> trellis.stepBits()] + distance(state, sequence, step);
                if (cost < least) {
                    least = cost;
                    branch = high;
                }
            }
            leaving[group] = least;
            branches[step][group] = (short) branch;
        }
    }

    private int state(int step, int group) {
        int groupBits = trellis.stateBits() - trellis.stepBits();
        return Short.toUnsignedInt(branches[step][group]) << groupBits | group;
    }

    private double distance(int state, float[] sequence, int step) {
        double distance = 0;
        int values = trellis.values();
        for (int v = 0; v < values; v++) {
            double difference = (double) table[state * values + v] - sequence[step * values + v];
            distance += difference * difference;
        }
        return distance;
    }
}
