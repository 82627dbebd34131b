package dev.quipforge.engine.compute;

/** A matrix that Cholesky was asked to factor is not positive definite. */
public final class NotPositiveDefiniteException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param pivot index of the first pivot that is not positive */
    public NotPositiveDefiniteException(int pivot) {
        super("pivot " + pivot + " is not positive (expected: a positive definite matrix; raise the damping)");
    }
}
