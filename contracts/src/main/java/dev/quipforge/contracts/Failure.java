package dev.quipforge.contracts;

import org.jspecify.annotations.Nullable;

/**
 * Why something failed.
 *
 * @param code for dashboards and for the decision to retry
 * @param place the file, tensor or field at fault, when there is one
 * @param message one sentence for a person: what was wrong and what to do
 */
public record Failure(Code code, @Nullable String place, String message) {

    /** Kinds of failure. */
    public enum Code {
        /** The input is at fault; trying again cannot help. */
        INVALID_INPUT(false),
        /** A named artifact is not there or not what its digest says. */
        ARTIFACT_UNAVAILABLE(true),
        /** Memory ran out on this worker. */
        OUT_OF_MEMORY(true),
        /** The disk of this worker has less free than the task is about to write. */
        OUT_OF_DISK(true),
        /** The worker died or fell silent; the broker or the gateway gave it up. */
        WORKER_LOST(true),
        /** A fault of the program. */
        INTERNAL(true);

        private final boolean retryable;

        Code(boolean retryable) {
            this.retryable = retryable;
        }

        /** Whether another attempt may succeed. */
        public boolean retryable() {
            return retryable;
        }
    }
}
