package dev.quipforge.engine.compute.vector.viterbi;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.trellis.TailBiting;
import dev.quipforge.engine.trellis.Trellis;
import dev.quipforge.engine.trellis.Viterbi;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Encodes one sequence at a time on one thread; allocates nothing while it does. */
final class SequenceEncoder {

    private final Trellis trellis;
    private final float[] sequence;
    private final int[] states;
    private final @Nullable LaneViterbi lanes;
    private @Nullable Viterbi definition;

    SequenceEncoder(Trellis trellis, int length) {
        this.trellis = trellis;
        this.sequence = new float[length];
        this.states = new int[trellis.steps(length)];
        this.lanes = LaneViterbi.supports(trellis) ? LaneViterbi.of(trellis, states.length) : null;
    }

    /** The tail-biting state sequence for the weights of {@code row}; the array is overwritten by the next call. */
    int[] encode(MemorySegment row, TailBiting tailBiting) {
        MemorySegment.copy(row, JAVA_FLOAT, 0, sequence, 0, sequence.length);
        int before = tailBiting.before(trellis, states.length);
        int after = tailBiting.after(trellis, states.length);
        if (lanes != null && lanes.encode(sequence, before, after, states)) {
            return states;
        }
        // a trellis that does not fit the lanes, or weights so far out that all 16-bit costs saturated
        if (definition == null) {
            definition = new Viterbi(trellis, sequence.length);
        }
        return definition.encode(sequence, tailBiting);
    }
}
