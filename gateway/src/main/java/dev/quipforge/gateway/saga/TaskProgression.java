package dev.quipforge.gateway.saga;

import dev.quipforge.contracts.Failure;
import dev.quipforge.contracts.TaskEvent;
import dev.quipforge.contracts.TaskEvent.TaskCancelled;
import dev.quipforge.contracts.TaskEvent.TaskFailed;
import dev.quipforge.contracts.TaskEvent.TaskProgressed;
import dev.quipforge.contracts.TaskEvent.TaskStarted;
import dev.quipforge.contracts.TaskEvent.TaskSucceeded;
import dev.quipforge.gateway.job.Job;
import dev.quipforge.gateway.job.JobState;
import dev.quipforge.gateway.job.Jobs;
import dev.quipforge.gateway.task.TaskQueries;
import dev.quipforge.gateway.task.TaskRecord;
import dev.quipforge.gateway.task.TaskState;
import dev.quipforge.gateway.task.Tasks;
import java.util.Objects;

/** Takes one step of a job for one thing that a worker said of one of its tasks. The caller holds the job's lock. */
final class TaskProgression {

    private final Jobs jobs;
    private final Tasks tasks;
    private final TaskQueries queries;
    private final Journal journal;
    private final Advance advance;
    private final Retries retries;

    TaskProgression(Jobs jobs, Tasks tasks, TaskQueries queries, Journal journal, Advance advance, Retries retries) {
        this.jobs = jobs;
        this.tasks = tasks;
        this.queries = queries;
        this.journal = journal;
        this.advance = advance;
        this.retries = retries;
    }

    /** What the worker said. A worker that speaks of a task has it, whether or not its first word was heard. */
    void apply(Job job, TaskRecord task, TaskEvent event) {
        Job running = started(job, task, event.worker());
        TaskRecord taken = queries.find(task.id()).orElseThrow();
        switch (event) {
            case TaskStarted _ -> {}
            case TaskProgressed progressed -> progressed(taken, progressed);
            case TaskSucceeded succeeded -> succeeded(running, taken, succeeded);
            case TaskFailed failed -> retries.failed(running, taken, failed.failure());
            case TaskCancelled cancelled -> retries.failed(running, taken, givenBack(cancelled));
        }
    }

    private Job started(Job job, TaskRecord task, String worker) {
        boolean news = task.state() != TaskState.RUNNING
                || !worker.equals(task.attempt().worker());
        tasks.start(task, worker);
        if (job.state() == JobState.SUBMITTED) {
            jobs.start(job);
            journal.jobChanged(job.id());
        }
        if (news) {
            journal.taskChanged(task);
        }
        return jobs.get(job.id());
    }

    private void progressed(TaskRecord task, TaskProgressed progressed) {
        boolean news = task.fraction() != progressed.fraction() || !Objects.equals(task.detail(), progressed.detail());
        tasks.progress(task, progressed.fraction(), progressed.detail());
        if (news) {
            journal.taskProgressed(task);
        }
    }

    private void succeeded(Job job, TaskRecord task, TaskSucceeded succeeded) {
        tasks.succeed(task, succeeded.result(), succeeded.seconds());
        journal.taskChanged(task);
        advance.after(job, succeeded.result());
    }

    private static Failure givenBack(TaskCancelled cancelled) {
        return new Failure(
                Failure.Code.WORKER_LOST,
                null,
                "worker %s gave the task back, though the job was not cancelled".formatted(cancelled.worker()));
    }
}
