package dev.quipforge.gateway.task;

import dev.quipforge.gateway.plan.Stage;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of one stage of one job, added up.
 *
 * @param job the job
 * @param stage the stage
 * @param counts how many there are
 * @param fraction done of the stage's work, 0 to 1
 * @param startedAt when the first was taken; null before
 * @param finishedAt when the last one that ended did; null before
 */
public record StageSummary(
        UUID job,
        Stage stage,
        Counts counts,
        double fraction,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt) {

    /**
     * Numbers of tasks.
     *
     * @param total all
     * @param running with a worker
     * @param done succeeded
     * @param failed failed for good
     * @param cancelled cancelled
     */
    public record Counts(int total, int running, int done, int failed, int cancelled) {}
}
