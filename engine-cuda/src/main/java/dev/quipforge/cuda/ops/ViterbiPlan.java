package dev.quipforge.cuda.ops;

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

    /** Bits a step up to which viterbi.cu has the kernel, and viterbi_many.cu beyond. */
    private static final int FEW_BITS = 4;

    /** Words between two rows of costs in viterbi_many.cu. */
    private static final int ROW_PADDING = 4;

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

    /**
     * Whether there is a kernel in fp16 for it: 2, 3 and 4 bits a weight, for one weight a step and for two.
     *
     * @param sharedLimit shared memory that a block may have on the device
     * @param largest magnitude of the code's values
     */
    boolean fast(int sharedLimit, float largest) {
        int bits = stepBits / values;
        boolean kernel = values <= 2 && bits >= 2 && bits <= 4;
        return kernel && stateBits == STATE_BITS && largest >= 0.1f && largest <= 16 && sharedBytes() <= sharedLimit;
    }

    /** The file of its kernels, without its ending. */
    String module() {
        return stepBits <= FEW_BITS ? "viterbi" : "viterbi_many";
    }

    /** Ending of the names of its kernels there. */
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

    /** Steps between two checkpoints, as compiled. */
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
        int rows = stepBits <= FEW_BITS ? 0 : groups() >> stepBits;
        int costs = groups() + rows * ROW_PADDING;
        return (2 * costs + (values == 2 ? 1 << 15 : 0) + steps * values) * 2 * Short.BYTES;
    }

    /** What one sequence takes in viterbi_any.cu: two buffers of costs and a choice for every group and step. */
    long generalBytes() {
        return groups() * (2L * Float.BYTES + (long) steps * Short.BYTES);
    }
}
