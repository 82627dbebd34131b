package dev.quipforge.engine.compute;

import dev.quipforge.engine.codebook.Codebook;
import java.util.List;

/** Rounding to the vectors of a codebook of dimension d. */
public interface CodebookOps {

    /**
     * The nearest vector of the codebook for every d successive elements of every row.
     *
     * @param codebook the codebook
     * @param vectors what to encode, [m × k · d], in units of the codebook
     * @param codes receives the codes, [m × k]
     * @param decoded receives the vectors of these codes, same shape as {@code vectors}; may be the same matrix
     */
    void encode(Codebook codebook, Matrix vectors, IntMatrix codes, Matrix decoded);

    /** The vectors of every code, [m × k] → [m × k · d]. */
    void decode(Codebook codebook, IntMatrix codes, Matrix decoded);

    /**
     * The vectors of packed codes.
     *
     * @param codebook the codebook
     * @param words the codes of [m × k], as {@code PackedCodes} lays them out
     * @param decoded receives the vectors, [m × k · d]
     * @throws IllegalArgumentException when the words are not those of such a matrix
     */
    void decodePacked(Codebook codebook, int[] words, Matrix decoded);

    /**
     * Rounds the columns of a span from the last to the first, each after what the errors of those behind it in the span feed
     * back (LDLQ of single columns): rounded[:, j] = Q(weights[:, j] + feedback[:, j] + Σ_{k > j} errors[:, k] · lower[k, j]),
     * where lower is that of the part that the row is in.
     *
     * @param codebook of dimension 1
     * @param span what to round
     * @param codes receives the codes, [m × s]
     * @return whether it was done; a backend that has nothing better than a column at a time does nothing
     */
    default boolean roundSpan(Codebook codebook, Span span, IntMatrix codes) {
        return false;
    }

    /**
     * Columns that are rounded one after the other. Their rows are one part or several of equal height below each other.
     *
     * @param lowers L − I of every part from above, each [s × s], zero on and above the diagonal
     * @param feedback of the columns behind the span, [m × s]
     * @param weights [m × s]; become the errors, weights − rounded
     * @param rounded receives the values of the codes, [m × s]
     */
    record Span(List<Matrix> lowers, Matrix feedback, Matrix weights, Matrix rounded) {

        public Span {
            Shapes.requireParts("weights", weights, lowers.size());
            for (Matrix lower : lowers) {
                Shapes.require("lower", lower, weights.columns(), weights.columns());
            }
            Shapes.requireSame("feedback", feedback, weights);
            Shapes.requireSame("rounded", rounded, weights);
        }
    }
}
