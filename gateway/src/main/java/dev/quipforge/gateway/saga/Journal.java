package dev.quipforge.gateway.saga;

import dev.quipforge.gateway.event.EventType;
import dev.quipforge.gateway.event.Events;
import dev.quipforge.gateway.event.JobEvent;
import dev.quipforge.gateway.job.Job;
import dev.quipforge.gateway.job.JobProgress;
import dev.quipforge.gateway.job.JobViews;
import dev.quipforge.gateway.job.Jobs;
import dev.quipforge.gateway.job.TaskView;
import dev.quipforge.gateway.task.TaskQueries;
import dev.quipforge.gateway.task.TaskRecord;
import java.time.Clock;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Writes down what happened, with the job as it is now. */
final class Journal {

    private final Jobs jobs;
    private final TaskQueries tasks;
    private final JobViews views;
    private final Events events;
    private final Clock clock;

    Journal(Jobs jobs, TaskQueries tasks, JobViews views, Events events, Clock clock) {
        this.jobs = jobs;
        this.tasks = tasks;
        this.views = views;
        this.events = events;
        this.clock = clock;
    }

    /** The job has changed; it is returned as it is now. */
    Job jobChanged(UUID job) {
        return append(EventType.JOB, job, null);
    }

    /** The task has changed. */
    void taskChanged(TaskRecord task) {
        append(EventType.TASK, task.job(), task.id());
    }

    /** The task goes on. */
    void taskProgressed(TaskRecord task) {
        append(EventType.PROGRESS, task.job(), task.id());
    }

    private Job append(EventType type, UUID jobId, @Nullable UUID taskId) {
        Job job = jobs.get(jobId);
        JobProgress progress = views.progress(job);
        TaskView task = taskId == null ? null : TaskView.of(tasks.find(taskId).orElseThrow());
        events.append(
                type,
                new JobEvent(
                        jobId,
                        clock.instant(),
                        job.state(),
                        job.stage(),
                        progress.fraction(),
                        progress.etaSeconds(),
                        task,
                        job.failure()));
        return job;
    }
}
