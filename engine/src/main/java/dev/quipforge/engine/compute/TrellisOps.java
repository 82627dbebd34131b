package dev.quipforge.engine.compute;

import dev.quipforge.engine.trellis.TailBiting;
import dev.quipforge.engine.trellis.Trellis;

/** Trellis-coded quantization of many sequences at once. */
public interface TrellisOps {

    /**
     * The tail-biting state sequence of least squared error for every row of {@code sequences}, by the Viterbi
     * algorithm (QTIP, section 3 and algorithm 4).
     *
     * @param trellis the code
     * @param tailBiting how the overlap of the ends is found
     * @param sequences one sequence a row, [count × length], in units of the code
     * @param states receives the states, [count × length / V]
     * @param decoded receives the code values, same shape as {@code sequences}; may be the same matrix
     */
    void encode(Trellis trellis, TailBiting tailBiting, Matrix sequences, IntMatrix states, Matrix decoded);

    /** The code values of every state, [count × steps] → [count × steps · V]. */
    void decode(Trellis trellis, IntMatrix states, Matrix decoded);
}
