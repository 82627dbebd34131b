package dev.quipforge.gateway.job;

import dev.quipforge.gateway.task.StageSummary;
import dev.quipforge.gateway.task.TaskQueries;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/** Puts jobs and the progress of their tasks together. */
public final class JobViews {

    private final TaskQueries tasks;
    private final Clock clock;

    JobViews(TaskQueries tasks, Clock clock) {
        this.tasks = tasks;
        this.clock = clock;
    }

    /** The job as the API shows it. */
    public JobView view(Job job) {
        return JobView.of(job, progress(job));
    }

    /** The jobs as the API shows them, in the same order. */
    public List<JobView> views(List<Job> jobs) {
        Map<UUID, List<StageSummary>> stages = tasks
                .stages(jobs.stream().map(Job::id).toList())
                .stream()
                .collect(Collectors.groupingBy(StageSummary::job));
        return jobs.stream()
                .map(job ->
                        JobView.of(job, JobProgress.of(job, stages.getOrDefault(job.id(), List.of()), clock.instant())))
                .toList();
    }

    /** How far the job is. */
    public JobProgress progress(Job job) {
        return JobProgress.of(job, tasks.stages(List.of(job.id())), clock.instant());
    }
}
