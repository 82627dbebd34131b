package dev.quipforge.engine.compute;

/** Factorizations of symmetric positive definite matrices. */
public interface FactorOps {

    /**
     * Cholesky H = C · Cᵀ in place: the lower triangle becomes C, the strict upper triangle zero.
     *
     * @throws NotPositiveDefiniteException when a pivot is not positive; the matrix is then undefined
     */
    void cholesky(Matrix symmetric);

    /**
     * Block LDL from a Cholesky factor, in place: every block column of C is multiplied from the right by the inverse of
     * its own diagonal block, so that H = L · D · Lᵀ with identity diagonal blocks; then the diagonal blocks are set to
     * zero, since only L − I feeds back (QuIP#, section 4.1; QTIP, section 4). The order must be a multiple of
     * {@code block}.
     */
    void blockUnitLower(Matrix cholesky, int block);

    /**
     * The orthonormal eigenvectors of a symmetric matrix, in place: column j becomes the eigenvector of the j-th smallest
     * eigenvalue. Its sign is arbitrary, and so are bases of eigenvalues that are equal. Takes a multiple of the time of a
     * Cholesky factorization.
     */
    void eigenvectors(Matrix symmetric);
}
