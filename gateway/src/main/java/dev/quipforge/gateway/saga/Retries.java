package dev.quipforge.gateway.saga;

import dev.quipforge.contracts.Failure;
import dev.quipforge.gateway.job.Job;
import dev.quipforge.gateway.task.TaskRecord;
import dev.quipforge.gateway.task.Tasks;
import java.time.Duration;

/** Decides whether a task that failed is tried again. The caller holds the job's lock. */
final class Retries {

    private final Tasks tasks;
    private final Dispatcher dispatcher;
    private final Ending ending;
    private final SagaProperties properties;

    Retries(Tasks tasks, Dispatcher dispatcher, Ending ending, SagaProperties properties) {
        this.tasks = tasks;
        this.dispatcher = dispatcher;
        this.ending = ending;
        this.properties = properties;
    }

    /** The attempt in force has failed: another one follows, or the job fails. */
    void failed(Job job, TaskRecord task, Failure failure) {
        tasks.failAttempt(task, failure);
        int attempts = task.attempt().number();
        if (failure.code().retryable() && attempts < properties.maxAttempts()) {
            Duration delay = properties.retryDelay().multipliedBy(attempts);
            dispatcher.resend(task, delay);
        } else {
            ending.fail(job, task, failure);
        }
    }
}
