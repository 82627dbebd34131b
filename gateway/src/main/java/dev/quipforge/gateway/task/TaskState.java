package dev.quipforge.gateway.task;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** States of a task. The table below is the whole truth; {@code docs/states.md} is drawn from it. */
public enum TaskState {
    /** Others must finish first. */
    WAITING,
    /** The command is on its way to a worker; again so after an attempt that failed. */
    QUEUED,
    /** A worker has it. */
    RUNNING,
    /** The result is in the artifact store. */
    SUCCEEDED,
    /** It cannot be done, or not within the attempts allowed; so the job failed. */
    FAILED,
    /** The job was cancelled, or failed elsewhere. */
    CANCELLED;

    private static final Map<TaskState, Set<TaskState>> NEXT = Map.of(
            WAITING, EnumSet.of(QUEUED, CANCELLED),
            QUEUED, EnumSet.of(QUEUED, RUNNING, FAILED, CANCELLED),
            RUNNING, EnumSet.of(QUEUED, SUCCEEDED, FAILED, CANCELLED),
            SUCCEEDED, EnumSet.noneOf(TaskState.class),
            FAILED, EnumSet.noneOf(TaskState.class),
            CANCELLED, EnumSet.noneOf(TaskState.class));

    /** The states that may follow; none after the last. */
    public Set<TaskState> next() {
        return Set.copyOf(NEXT.getOrDefault(this, Set.of()));
    }

    /** Whether nothing follows. */
    public boolean isLast() {
        return next().isEmpty();
    }

    /**
     * The given state, if it may follow this one.
     *
     * @throws IllegalStateException if not
     */
    public TaskState to(TaskState next) {
        if (!next().contains(next)) {
            throw new IllegalStateException("%s -> %s (expected one of: %s)".formatted(this, next, NEXT.get(this)));
        }
        return next;
    }
}
