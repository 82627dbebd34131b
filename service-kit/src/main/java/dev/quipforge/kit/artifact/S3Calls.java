package dev.quipforge.kit.artifact;

import io.minio.errors.ErrorResponseException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Waits for the client's futures and turns what went wrong into one checked type. */
final class S3Calls {

    private static final Set<String> ABSENT = Set.of("NoSuchKey", "NoSuchObject", "NotFound");
    private static final String TAKEN = "PreconditionFailed";

    private S3Calls() {}

    static <T> T await(CompletableFuture<T> call) throws Refused {
        try {
            return call.join();
        } catch (CompletionException e) {
            throw new Refused(root(e));
        }
    }

    private static Throwable root(Throwable thrown) {
        Throwable cause = thrown;
        while (!(cause instanceof ErrorResponseException) && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** The server said no, or nothing. */
    static final class Refused extends Exception {

        private Refused(Throwable cause) {
            super(cause);
        }

        /** The error code of S3; empty when there was no answer. */
        String code() {
            return getCause() instanceof ErrorResponseException e
                            && e.errorResponse().code() != null
                    ? e.errorResponse().code()
                    : "";
        }

        boolean absent() {
            return ABSENT.contains(code());
        }

        /** A conditional write found the key taken. */
        boolean taken() {
            return code().equals(TAKEN);
        }

        /** What went wrong, for a person. */
        String sentence() {
            return getCause() instanceof ErrorResponseException e
                    ? "the store refused: " + e.errorResponse().code() + " "
                            + e.errorResponse().message()
                    : "the store did not answer: " + getCause();
        }
    }
}
