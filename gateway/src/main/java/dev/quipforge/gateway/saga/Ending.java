package dev.quipforge.gateway.saga;

import dev.quipforge.contracts.Failure;
import dev.quipforge.contracts.JobControl;
import dev.quipforge.contracts.Topics;
import dev.quipforge.gateway.job.Job;
import dev.quipforge.gateway.job.JobFailure;
import dev.quipforge.gateway.job.JobState;
import dev.quipforge.gateway.job.Jobs;
import dev.quipforge.gateway.outbox.Outbox;
import dev.quipforge.gateway.task.TaskQueries;
import dev.quipforge.gateway.task.TaskRecord;
import dev.quipforge.gateway.task.TaskState;
import dev.quipforge.gateway.task.Tasks;
import dev.quipforge.kit.json.ContractsJson;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Brings jobs to their last state. The caller holds the lock of the job. */
final class Ending {

    private final Jobs jobs;
    private final Tasks tasks;
    private final TaskQueries queries;
    private final Outbox outbox;
    private final Journal journal;

    Ending(Jobs jobs, Tasks tasks, TaskQueries queries, Outbox outbox, Journal journal) {
        this.jobs = jobs;
        this.tasks = tasks;
        this.queries = queries;
        this.outbox = outbox;
        this.journal = journal;
    }

    /** All tasks are done. */
    Job succeed(Job job) {
        jobs.end(job, JobState.SUCCEEDED, null);
        return journal.jobChanged(job.id());
    }

    /** The task failed for good, and the job with it. */
    Job fail(Job job, TaskRecord task, Failure failure) {
        tasks.end(task, TaskState.FAILED);
        journal.taskChanged(task);
        JobFailure reason = new JobFailure(
                task.outline().label(),
                task.id(),
                task.outline().stage(),
                failure.code(),
                failure.place(),
                failure.message());
        return abandon(job, JobState.FAILED, reason);
    }

    /** Somebody does not want the job any more. */
    Job cancel(Job job) {
        return abandon(job, JobState.CANCELLED, null);
    }

    private Job abandon(Job job, JobState state, @Nullable JobFailure reason) {
        for (TaskRecord task : queries.ofJob(job.id())) {
            if (!task.state().isLast()) {
                tasks.end(task, TaskState.CANCELLED);
            }
        }
        outbox.withdraw(job.id());
        outbox.add(
                job.id(),
                Topics.JOB_CONTROL.topic(),
                job.id().toString(),
                ContractsJson.mapper().writeValueAsString(new JobControl(job.id())),
                Duration.ZERO);
        jobs.end(job, state, reason);
        return journal.jobChanged(job.id());
    }
}
