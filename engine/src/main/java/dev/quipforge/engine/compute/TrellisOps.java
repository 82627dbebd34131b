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

    /**
     * The bits of every row of states, as {@code TrellisPacking} lays them out.
     *
     * @param states tail-biting sequences, [count × steps]
     * @return the words of all rows, one row after the other
     */
    short[] pack(Trellis trellis, IntMatrix states);

    /**
     * The code values of a packed matrix.
     *
     * @param trellis the code
     * @param positions for each of the 256 weights of a tile, row by row, its position in the tile's sequence
     * @param words as {@code PackedTiles} lays them out: one sequence for every tile of 16 × 16 weights, tile row by tile row
     * @param decoded receives the values, both dimensions multiples of 16
     */
    void decodeTiles(Trellis trellis, int[] positions, short[] words, Matrix decoded);

    /**
     * The code values of a packed matrix of the code HYB whose table is a matrix: one that is trained, or that came with a
     * checkpoint. The codes are in the memory of this backend.
     *
     * @param trellis a trellis of {@link dev.quipforge.engine.trellis.Hybrid}, whose own table plays no part
     * @param words as above, weights row by row, two words an integer as {@code WordPairs} joins them: [tiles × 8 · K]
     * @param table 2^Q pairs, Q at most 15, [2^Q × 2]
     * @param decoded receives the values, both dimensions multiples of 16
     */
    void decodeTiles(Trellis trellis, IntMatrix words, Matrix table, Matrix decoded);
}
