package dev.quipforge.benchmarks;

/**
 * The yardstick of the encoder in Java: the program of {@code viterbi.c}, loop by loop. One weight a state, costs in single
 * precision for every state, two full passes (QTIP, section 3 and algorithm 4).
 */
final class PlainViterbi {

    private static final int FREE = -1;

    private final float[] table;
    private final int stepBits;
    private final int branchCount;
    private final int groups;
    private final byte[][] branches;

    private float[] before;
    private float[] after;

    /**
     * @param table the values of all states
     * @param bits bits per weight
     * @param length weights of a sequence
     */
    PlainViterbi(float[] table, int bits, int length) {
        this.table = table;
        this.stepBits = bits;
        this.branchCount = 1 << bits;
        this.groups = table.length >> bits;
        this.branches = new byte[length][groups];
        this.before = new float[table.length];
        this.after = new float[table.length];
    }

    /** The states for {@code sequence}; the last ends with the bits that the first begins with. */
    int[] encode(float[] sequence) {
        int length = sequence.length;
        float[] rotated = new float[length];
        for (int step = 0; step < length; step++) {
            rotated[(step + length / 2) % length] = sequence[step];
        }
        int[] first = walk(rotated, FREE);
        return walk(sequence, first[length / 2] >>> stepBits);
    }

    /** The sum of the squared errors of a state sequence. */
    double cost(float[] sequence, int[] states) {
        double cost = 0;
        for (int step = 0; step < sequence.length; step++) {
            cost += distance(states[step], sequence[step]);
        }
        return cost;
    }

    private int[] walk(float[] sequence, int group) {
        begin(sequence[0], group);
        for (int step = 1; step < sequence.length; step++) {
            advance(sequence[step], branches[step]);
            float[] swap = before;
            before = after;
            after = swap;
        }
        int[] states = new int[sequence.length];
        int last = group == FREE ? 0 : group;
        for (int state = last; state < table.length; state += group == FREE ? 1 : groups) {
            if (before[state] < before[last]) {
                last = state;
            }
        }
        states[sequence.length - 1] = last;
        for (int step = sequence.length - 1; step > 0; step--) {
            int entered = states[step] >>> stepBits;
            states[step - 1] = branches[step][entered] * groups + entered;
        }
        return states;
    }

    private void begin(float weight, int group) {
        for (int state = 0; state < table.length; state++) {
            before[state] = group == FREE || state >>> stepBits == group ? distance(state, weight) : Float.MAX_VALUE;
        }
    }

    private void advance(float weight, byte[] branch) {
        for (int group = 0; group < groups; group++) {
            float least = before[group];
            int best = 0;
            for (int high = 1; high < branchCount; high++) {
                float cost = before[high * groups + group];
                if (cost < least) {
                    least = cost;
                    best = high;
                }
            }
            branch[group] = (byte) best;
            for (int low = 0; low < branchCount; low++) {
                int state = group * branchCount + low;
                after[state] = least + distance(state, weight);
            }
        }
    }

    private float distance(int state, float weight) {
        float difference = table[state] - weight;
        return difference * difference;
    }
}
