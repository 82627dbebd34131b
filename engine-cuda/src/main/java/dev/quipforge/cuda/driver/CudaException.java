package dev.quipforge.cuda.driver;

/** A call of the CUDA driver or of one of its libraries failed. */
public final class CudaException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param message the call and what it gave */
    public CudaException(String message) {
        super(message);
    }

    /**
     * @param message the call
     * @param cause why it could not be made
     */
    public CudaException(String message, Throwable cause) {
        super(message, cause);
    }
}
