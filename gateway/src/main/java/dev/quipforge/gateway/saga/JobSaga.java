package dev.quipforge.gateway.saga;

import dev.quipforge.gateway.job.IdempotencyConflictException;
import dev.quipforge.gateway.job.Job;
import dev.quipforge.gateway.job.JobEndedException;
import dev.quipforge.gateway.job.JobLifecycle;
import dev.quipforge.gateway.job.JobNotFoundException;
import dev.quipforge.gateway.job.Jobs;
import dev.quipforge.gateway.request.JobRequest;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.support.TransactionOperations;

/** What clients do to jobs: the beginning and the early end of a saga. */
final class JobSaga implements JobLifecycle {

    private final Jobs jobs;
    private final Dispatcher dispatcher;
    private final Ending ending;
    private final Journal journal;
    private final TransactionOperations transaction;

    JobSaga(Jobs jobs, Dispatcher dispatcher, Ending ending, Journal journal, TransactionOperations transaction) {
        this.jobs = jobs;
        this.dispatcher = dispatcher;
        this.ending = ending;
        this.journal = journal;
        this.transaction = transaction;
    }

    @Override
    public Job submit(JobRequest request, @Nullable String idempotencyKey) {
        return inTransaction(() -> {
            UUID id = UUID.randomUUID();
            if (!jobs.add(id, request, idempotencyKey)) {
                return earlier(request, Objects.requireNonNull(idempotencyKey));
            }
            Job job = journal.jobChanged(id);
            dispatcher.dispatchReady(job);
            return job;
        });
    }

    private Job earlier(JobRequest request, String idempotencyKey) {
        Job job = jobs.findByIdempotencyKey(idempotencyKey).orElseThrow();
        if (!job.request().equals(request)) {
            throw new IdempotencyConflictException(idempotencyKey, job.id());
        }
        return job;
    }

    @Override
    public Job cancel(UUID id) {
        return inTransaction(() -> {
            Job job = jobs.lock(id).orElseThrow(() -> new JobNotFoundException(id));
            if (job.state().isLast()) {
                throw new JobEndedException(job);
            }
            return ending.cancel(job);
        });
    }

    private Job inTransaction(Supplier<Job> work) {
        return Objects.requireNonNull(transaction.execute(_ -> work.get()));
    }
}
