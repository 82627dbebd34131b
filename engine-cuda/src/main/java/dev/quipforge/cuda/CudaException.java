package dev.quipforge.cuda;

/** A call of the CUDA driver or of one of its libraries failed. */
final class CudaException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    CudaException(String message) {
        super(message);
    }

    CudaException(String message, Throwable cause) {
        super(message, cause);
    }
}
