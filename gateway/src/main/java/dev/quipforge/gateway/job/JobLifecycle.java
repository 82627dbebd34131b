package dev.quipforge.gateway.job;

import dev.quipforge.gateway.request.JobRequest;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What clients can do to jobs; the saga does it. */
public interface JobLifecycle {

    /**
     * Starts a job. With an idempotency key that was used for the same request before, the job of then is returned.
     *
     * @throws IdempotencyConflictException if the key was used for another request
     */
    Job submit(JobRequest request, @Nullable String idempotencyKey);

    /**
     * Cancels a job.
     *
     * @throws JobNotFoundException if there is none
     * @throws JobEndedException if it has ended already
     */
    Job cancel(UUID id);
}
