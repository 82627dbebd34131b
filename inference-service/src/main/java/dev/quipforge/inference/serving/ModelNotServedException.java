package dev.quipforge.inference.serving;

/** A model cannot be served: there is none of that name, or no room for it now. */
public final class ModelNotServedException extends RuntimeException {

    private final Reason reason;

    ModelNotServedException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** Why. */
    public Reason reason() {
        return reason;
    }

    /** Why a model cannot be served. */
    public enum Reason {
        /** There is no complete model of that name. */
        UNKNOWN,
        /** It does not fit into the memory for models, or not beside those that are in use. */
        NO_ROOM
    }
}
