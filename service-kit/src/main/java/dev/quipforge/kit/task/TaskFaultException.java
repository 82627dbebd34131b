package dev.quipforge.kit.task;

import dev.quipforge.contracts.Failure;
import org.jspecify.annotations.Nullable;

/** A task that cannot be done, with the reason that is reported. */
public final class TaskFaultException extends RuntimeException {

    private final Failure failure;

    /** A fault as it will be reported. */
    public TaskFaultException(Failure failure) {
        this(failure, null);
    }

    /** Likewise, with what led to it. */
    public TaskFaultException(Failure failure, @Nullable Throwable cause) {
        super(failure.message(), cause);
        this.failure = failure;
    }

    /** What is reported. */
    public Failure failure() {
        return failure;
    }
}
