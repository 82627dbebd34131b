package dev.quipforge.engine.compute;

import dev.quipforge.engine.hadamard.Hadamard;

/** Fast Hadamard transforms, in place, without forming a matrix. U is {@link Hadamard} of the transformed dimension. */
public interface HadamardOps {

    /** Every row x becomes U x (the matrix becomes M · Uᵀ). */
    void transformRows(Hadamard transform, Matrix matrix);

    /** Every row x becomes Uᵀ x (the matrix becomes M · U). */
    void transformRowsInverse(Hadamard transform, Matrix matrix);

    /** Every column x becomes U x (the matrix becomes U · M). */
    void transformColumns(Hadamard transform, Matrix matrix);

    /** Every column x becomes Uᵀ x (the matrix becomes Uᵀ · M). */
    void transformColumnsInverse(Hadamard transform, Matrix matrix);
}
