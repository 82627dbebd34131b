package dev.quipforge.engine.compute;

import dev.quipforge.engine.codebook.Codebook;

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
}
