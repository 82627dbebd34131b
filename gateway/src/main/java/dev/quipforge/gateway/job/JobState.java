package dev.quipforge.gateway.job;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** States of a job. The table below is the whole truth; {@code docs/states.md} is drawn from it. */
public enum JobState {
    /** Its first task is on its way. */
    SUBMITTED,
    /** A worker has started. */
    RUNNING,
    /** The checkpoint is complete. */
    SUCCEEDED,
    /** A task failed for good. */
    FAILED,
    /** Somebody did not want it any more. */
    CANCELLED;

    private static final Map<JobState, Set<JobState>> NEXT = Map.of(
            SUBMITTED, EnumSet.of(RUNNING, FAILED, CANCELLED),
            RUNNING, EnumSet.of(SUCCEEDED, FAILED, CANCELLED),
            SUCCEEDED, EnumSet.noneOf(JobState.class),
            FAILED, EnumSet.noneOf(JobState.class),
            CANCELLED, EnumSet.noneOf(JobState.class));

    /** The states that may follow; none after the last. */
    public Set<JobState> next() {
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
    public JobState to(JobState next) {
        if (!next().contains(next)) {
            throw new IllegalStateException("%s -> %s (expected one of: %s)".formatted(this, next, NEXT.get(this)));
        }
        return next;
    }
}
