package dev.quipforge.gateway.saga;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.contracts.Failure;
import dev.quipforge.contracts.TaskEvent;
import dev.quipforge.gateway.Answers;
import dev.quipforge.gateway.MovableClock;
import dev.quipforge.gateway.TestPlatform;
import dev.quipforge.gateway.job.Job;
import dev.quipforge.gateway.job.JobLifecycle;
import dev.quipforge.gateway.job.JobState;
import dev.quipforge.gateway.job.Jobs;
import dev.quipforge.gateway.request.JobRequest;
import dev.quipforge.gateway.task.TaskQueries;
import dev.quipforge.gateway.task.TaskRecord;
import dev.quipforge.gateway.task.TaskState;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Drives one job past Kafka, event by event, and notes every change of state it sees. */
final class SagaDriver {

    private static final ApplicationContext GATEWAY = TestPlatform.gateway();

    private final Jobs jobs = GATEWAY.getBean(Jobs.class);
    private final TaskQueries queries = GATEWAY.getBean(TaskQueries.class);
    private final TaskEvents events = GATEWAY.getBean(TaskEvents.class);
    private final JobLifecycle lifecycle = GATEWAY.getBean(JobLifecycle.class);
    private final Set<String> jobTransitions = new TreeSet<>();
    private final Set<String> taskTransitions = new TreeSet<>();
    private final Map<String, TaskState> seenTasks = new HashMap<>();
    private Job job;

    SagaDriver(JobRequest request) {
        job = lifecycle.submit(request, null);
        look();
    }

    Job job() {
        return job;
    }

    List<TaskRecord> tasks() {
        return queries.ofJob(job.id());
    }

    TaskRecord task(String key) {
        return tasks().stream()
                .filter(task -> task.outline().key().equals(key))
                .findFirst()
                .orElseThrow();
    }

    /** How many events were written of the job. */
    int journal() {
        return GATEWAY.getBean(JdbcClient.class)
                .sql("select count(*) from events where job = :job")
                .param("job", job.id())
                .query(Integer.class)
                .single();
    }

    void start(String key) {
        TaskRecord task = task(key);
        accept(new TaskEvent.TaskStarted(job.id(), task.id(), number(task), "w", Instant.EPOCH));
    }

    void progress(String key, double fraction) {
        TaskRecord task = task(key);
        accept(new TaskEvent.TaskProgressed(job.id(), task.id(), number(task), "w", Instant.EPOCH, fraction, "on it"));
    }

    void succeed(String key) {
        accept(success(key));
    }

    TaskEvent success(String key) {
        TaskRecord task = task(key);
        return new TaskEvent.TaskSucceeded(
                job.id(), task.id(), number(task), "w", Instant.EPOCH, Answers.result(queries.command(task)), 0.5);
    }

    void fail(String key, Failure.Code code) {
        TaskRecord task = task(key);
        accept(new TaskEvent.TaskFailed(
                job.id(), task.id(), number(task), "w", Instant.EPOCH, new Failure(code, "here", "it broke")));
    }

    void giveBack(String key) {
        TaskRecord task = task(key);
        accept(new TaskEvent.TaskCancelled(job.id(), task.id(), number(task), "w", Instant.EPOCH));
    }

    void accept(TaskEvent event) {
        events.accept(event);
        look();
    }

    void cancel() {
        lifecycle.cancel(job.id());
        look();
    }

    /** Nothing is heard for that long, and the watchdog looks. */
    void silence(Duration duration) {
        GATEWAY.getBean(MovableClock.class).advance(duration);
        GATEWAY.getBean(Watchdog.class).watch();
        look();
    }

    /** Every task succeeds until none is left. */
    void finish() {
        while (!job.state().isLast()) {
            List<TaskRecord> queued = tasks().stream()
                    .filter(task -> task.state() == TaskState.QUEUED || task.state() == TaskState.RUNNING)
                    .toList();
            assertThat(queued).isNotEmpty();
            queued.forEach(task -> {
                start(task.outline().key());
                succeed(task.outline().key());
            });
        }
    }

    Set<String> jobTransitions() {
        return jobTransitions;
    }

    Set<String> taskTransitions() {
        return taskTransitions;
    }

    private static int number(TaskRecord task) {
        return task.attempt().number();
    }

    private void look() {
        JobState before = job.state();
        job = jobs.get(job.id());
        if (job.state() != before) {
            jobTransitions.add(before + " --> " + job.state());
        }
        for (TaskRecord task : tasks()) {
            String attempt = task.outline().key() + "#" + number(task);
            TaskState now = task.state();
            TaskState last = seenTasks.put(task.outline().key(), now);
            boolean again = now == TaskState.QUEUED && last == now && seenTasks.put(attempt, now) == null;
            if (last != null && (last != now || again)) {
                taskTransitions.add(last + " --> " + now);
            }
            seenTasks.put(attempt, now);
        }
    }
}
