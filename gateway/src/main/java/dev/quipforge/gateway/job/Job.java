package dev.quipforge.gateway.job;

import dev.quipforge.gateway.plan.Stage;
import dev.quipforge.gateway.request.JobRequest;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A job.
 *
 * @param id its name in the API
 * @param number place in the order of submission
 * @param state where it is in its life
 * @param stage the first stage that is not done; the last one after success
 * @param request what was asked for
 * @param times when it was created, started and finished
 * @param failure why it failed; null unless it did
 */
public record Job(
        UUID id,
        long number,
        JobState state,
        Stage stage,
        JobRequest request,
        Times times,
        @Nullable JobFailure failure) {

    /**
     * Moments of a job, by the gateway's clock.
     *
     * @param createdAt when it was submitted
     * @param startedAt when a worker first took a task of it; null before
     * @param finishedAt when it reached its last state; null before
     */
    public record Times(
            Instant createdAt,
            @Nullable Instant startedAt,
            @Nullable Instant finishedAt) {}
}
