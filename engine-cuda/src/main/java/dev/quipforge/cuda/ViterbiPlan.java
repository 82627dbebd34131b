package dev.quipforge.cuda;

import dev.quipforge.engine.trellis.TailBiting;
import dev.quipforge.engine.trellis.Trellis;

/**
 * How sequences of one length are searched in one trellis.
 *
 * @param stateBits L
 * @param stepBits bits of a step, K · V
 * @param values V
 * @param steps steps of a sequence
 * @param before steps of the first pass before the seam
 * @param after steps of the first pass after the seam
 */
record ViterbiPlan(int stateBits, int stepBits, int values, int steps, int before, int after) {

    private static final int STATE_BITS = 16;

    /** The two passes over sequences of {@code steps} steps. */
    static ViterbiPlan of(Trellis trellis, int steps, TailBiting tailBiting) {
        return new ViterbiPlan(
                trellis.stateBits(),
                trellis.stepBits(),
                trellis.values(),
                steps,
                tailBiting.before(trellis, steps),
                tailBiting.after(trellis, steps));
    }

    /** Whether viterbi.cu has a kernel for it on a device with this much shared memory for a block. */
    boolean fast(int sharedLimit, float largest) {
        boolean kernel = values == 1 ? stepBits >= 2 && stepBits <= 4 : values == 2 && stepBits == 4;
        return kernel && stateBits == STATE_BITS && largest >= 0.1f && largest <= 16 && sharedBytes() <= sharedLimit;
    }

    /** Ending of the names of its kernels in viterbi.cu. */
    String suffix() {
        return stepBits + "_" + values;
    }

    /** Groups of states, 2^(L - K·V). */
    int groups() {
        return 1 << (stateBits - stepBits);
    }

    /** First step of the first pass; steps count on beyond the end of the sequence, and wrap around. */
    int from() {
        return steps - before;
    }

    /** Step after the last of the first pass. */
    int to() {
        return steps + after;
    }

    /** Steps between two checkpoints, as compiled in viterbi.cu. */
    int interval() {
        return Math.max(1, 5 - stepBits);
    }

    /** Checkpoints of {@code count} steps. */
    int slots(int count) {
        return (count + interval() - 1) / interval();
    }

    /** Checkpoints of two sequences, in bytes. */
    long checkpointBytes() {
        return (long) slots(steps) * groups() * 2 * Short.BYTES;
    }

    /** Two buffers of costs, half the table of two values a step, and the sequence. */
    int sharedBytes() {
        return (2 * groups() + (values == 2 ? 1 << 15 : 0) + steps * values) * 2 * Short.BYTES;
    }

    /** What one sequence takes in viterbi_any.cu: two buffers of costs and a choice for every group and step. */
    long generalBytes() {
        return groups() * (2L * Float.BYTES + (long) steps * Short.BYTES);
    }
}
