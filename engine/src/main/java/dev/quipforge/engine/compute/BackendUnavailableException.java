package dev.quipforge.engine.compute;

/** A backend that was asked for cannot run here; the message says why. */
public final class BackendUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param backend the name it was asked for by
     * @param reason why it cannot run, one sentence
     */
    public BackendUnavailableException(String backend, String reason) {
        super("backend " + backend + ": " + reason);
    }

    /**
     * @param backend the name it was asked for by
     * @param reason why it cannot run, one sentence
     * @param cause what failed
     */
    public BackendUnavailableException(String backend, String reason, Throwable cause) {
        super("backend " + backend + ": " + reason, cause);
    }
}
