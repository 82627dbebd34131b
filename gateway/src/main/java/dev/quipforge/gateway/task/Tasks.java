package dev.quipforge.gateway.task;

import dev.quipforge.contracts.Failure;
import dev.quipforge.contracts.Task;
import dev.quipforge.contracts.TaskResult;
import dev.quipforge.gateway.plan.TaskOutline;
import dev.quipforge.kit.json.ContractsJson;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/** Writes tasks and attempts. The caller holds the lock of the job. */
public final class Tasks {

    private static final JsonMapper JSON = ContractsJson.mapper();

    private final JdbcClient database;
    private final Clock clock;

    Tasks(JdbcClient database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /** The identity of a task: it follows from its job and its key. */
    public static UUID id(UUID job, String key) {
        return UUID.nameUUIDFromBytes((job + "/" + key).getBytes(StandardCharsets.UTF_8));
    }

    /** Adds the tasks of a plan that are not there yet, waiting. */
    public void add(UUID job, List<TaskOutline> plan) {
        for (int position = 0; position < plan.size(); position++) {
            TaskOutline outline = plan.get(position);
            database.sql("""
                            insert into tasks (id, job, position, key, stage, type, label, weight, state)
                            values (:id, :job, :position, :key, :stage, :type, :label, :weight, :state)
                            on conflict (job, key) do nothing
                            """)
                    .param("id", id(job, outline.key()))
                    .param("job", job)
                    .param("position", position)
                    .param("key", outline.key())
                    .param("stage", outline.stage().name())
                    .param("type", outline.type())
                    .param("label", outline.label())
                    .param("weight", outline.weight())
                    .param("state", TaskState.WAITING.name())
                    .update();
        }
    }

    /** The next attempt is on its way to a worker, or will be after the delay. */
    public void queue(TaskRecord task, Task command, Duration delay) {
        int attempt = task.attempt().number() + 1;
        database.sql("""
                        update tasks
                        set state = :state, attempt = :attempt, fraction = 0, detail = null,
                            command = cast(:command as jsonb)
                        where id = :id
                        """)
                .param("state", task.state().to(TaskState.QUEUED).name())
                .param("attempt", attempt)
                .param("command", JSON.writerFor(Task.class).writeValueAsString(command))
                .param("id", task.id())
                .update();
        database.sql("""
                        insert into attempts (task, number, queue, queued_at, last_event_at)
                        values (:task, :number, :queue, :due, :due)
                        """)
                .param("task", task.id())
                .param("number", attempt)
                .param("queue", command.queue().name())
                .param("due", clock.instant().plus(delay).atOffset(ZoneOffset.UTC))
                .update();
    }

    /** A worker has the task, or another one than before: the broker may hand the same attempt out again. */
    public void start(TaskRecord task, String worker) {
        if (task.state() != TaskState.RUNNING) {
            database.sql("update tasks set state = :state where id = :id")
                    .param("state", task.state().to(TaskState.RUNNING).name())
                    .param("id", task.id())
                    .update();
        }
        attempt(task, "worker = :worker, started_at = coalesce(started_at, :now), last_event_at = :now")
                .param("worker", worker)
                .param("now", now())
                .update();
    }

    /** The worker goes on. */
    public void progress(TaskRecord task, double fraction, String detail) {
        database.sql("update tasks set fraction = :fraction, detail = :detail where id = :id")
                .param("fraction", Math.clamp(fraction, 0, 1))
                .param("detail", detail)
                .param("id", task.id())
                .update();
        attempt(task, "last_event_at = :now").param("now", now()).update();
    }

    /** The result is there. */
    public void succeed(TaskRecord task, TaskResult result, double seconds) {
        database.sql("""
                        update tasks set state = :state, fraction = 1, detail = null, result = cast(:result as jsonb)
                        where id = :id
                        """)
                .param("state", task.state().to(TaskState.SUCCEEDED).name())
                .param("result", JSON.writerFor(TaskResult.class).writeValueAsString(result))
                .param("id", task.id())
                .update();
        attempt(task, "finished_at = :now, last_event_at = :now, seconds = :seconds")
                .param("now", now())
                .param("seconds", seconds)
                .update();
    }

    /** The attempt in force has failed; the task's own state is for {@link #queue} or {@link #end} to change. */
    public void failAttempt(TaskRecord task, Failure failure) {
        attempt(task, "finished_at = :now, last_event_at = :now, failure = cast(:failure as jsonb)")
                .param("now", now())
                .param("failure", JSON.writeValueAsString(failure))
                .update();
    }

    /** The task has reached a last state without a result. */
    public void end(TaskRecord task, TaskState state) {
        database.sql("update tasks set state = :state where id = :id")
                .param("state", task.state().to(state).name())
                .param("id", task.id())
                .update();
    }

    private JdbcClient.StatementSpec attempt(TaskRecord task, String assignments) {
        return database.sql("update attempts set " + assignments + " where task = :task and number = :number")
                .param("task", task.id())
                .param("number", task.attempt().number());
    }

    private OffsetDateTime now() {
        return clock.instant().atOffset(ZoneOffset.UTC);
    }
}
