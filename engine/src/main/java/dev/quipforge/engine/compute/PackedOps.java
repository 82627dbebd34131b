package dev.quipforge.engine.compute;

import dev.quipforge.engine.codebook.Codebook;
import dev.quipforge.engine.trellis.Trellis;

/** Products with quantized matrices that are never unpacked as a whole: what a server does for every token. */
public interface PackedOps {

    /**
     * Takes the tiles of a trellis code.
     *
     * @param trellis the code
     * @param rows m, a multiple of 16
     * @param columns n, a multiple of 16
     * @param words one tail-biting sequence for every tile of 16 × 16 weights, tile (i, j) at i · (n / 16) + j, weights row
     *     by row: QTIP's plain layout; not kept
     */
    PackedMatrix load(Trellis trellis, int rows, int columns, short[] words);

    /**
     * Takes the codes of a codebook of dimension d.
     *
     * @param codebook the codebook
     * @param rows m
     * @param columns n, a multiple of d
     * @param codes codes row by row, [m × n / d]; not kept
     */
    PackedMatrix load(Codebook codebook, int rows, int columns, int[] codes);

    /**
     * {@code product} = {@code vectors} · Ŵᵀ, shapes [t × n] · [m × n]ᵀ → [t × m]; made for one vector or few.
     *
     * @param matrix Ŵ, loaded by the same backend
     * @param vectors one vector a row
     * @param product receives the products, in units of the code; not {@code vectors}
     */
    void multiply(PackedMatrix matrix, Matrix vectors, Matrix product);
}
