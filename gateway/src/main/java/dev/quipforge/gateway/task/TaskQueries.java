package dev.quipforge.gateway.task;

import dev.quipforge.contracts.Failure;
import dev.quipforge.contracts.Task;
import dev.quipforge.contracts.TaskResult;
import dev.quipforge.gateway.plan.Stage;
import dev.quipforge.gateway.plan.TaskOutline;
import dev.quipforge.kit.json.ContractsJson;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/** Reads tasks and attempts. */
public final class TaskQueries {

    private static final JsonMapper JSON = ContractsJson.mapper();
    private static final String SELECT = """
            select t.id, t.job, t.position, t.key, t.stage, t.type, t.label, t.weight, t.state, t.fraction, t.detail, t.attempt,
                   a.worker, a.started_at, a.finished_at, a.seconds, a.failure
            from tasks t left join attempts a on a.task = t.id and a.number = t.attempt
            """;

    private final JdbcClient database;

    TaskQueries(JdbcClient database) {
        this.database = database;
    }

    /** The task, if there is one. */
    public Optional<TaskRecord> find(UUID id) {
        return database.sql(SELECT + "where t.id = :id")
                .param("id", id)
                .query(TaskQueries::task)
                .optional();
    }

    /** All tasks of a job, in the order of the plan. */
    public List<TaskRecord> ofJob(UUID job) {
        return database.sql(SELECT + "where t.job = :job order by t.position")
                .param("job", job)
                .query(TaskQueries::task)
                .list();
    }

    /**
     * Tasks of a job by their place in the plan.
     *
     * @param states those in one of them
     * @param after those behind this place
     * @param limit so many at most
     */
    public SortedMap<Integer, TaskRecord> page(UUID job, Set<TaskState> states, int after, int limit) {
        SortedMap<Integer, TaskRecord> page = new TreeMap<>();
        database.sql(SELECT + """
                        where t.job = :job and t.position > :after and t.state in (:states)
                        order by t.position limit :limit
                        """)
                .param("job", job)
                .param("after", after)
                .param("states", states.stream().map(TaskState::name).toList())
                .param("limit", limit)
                .query((row, number) -> page.put(row.getInt("position"), task(row, number)))
                .list();
        return page;
    }

    /** Tasks that a worker has, but of which nothing was heard since {@code silentSince}. */
    public List<TaskRecord> silent(Instant silentSince) {
        return database.sql(SELECT + "where t.state = 'RUNNING' and a.last_event_at < :since order by t.id")
                .param("since", silentSince.atOffset(ZoneOffset.UTC))
                .query(TaskQueries::task)
                .list();
    }

    /** Tasks that were queued before {@code queuedBefore}, on queues whose workers have been silent since then. */
    public List<TaskRecord> stuck(Instant queuedBefore) {
        return database.sql(SELECT + """
                        where t.state = 'QUEUED' and a.queued_at < :before and not exists (
                            select 1 from attempts taken
                            where taken.queue = a.queue and taken.started_at is not null
                              and taken.last_event_at >= :before)
                        order by t.id
                        """)
                .param("before", queuedBefore.atOffset(ZoneOffset.UTC))
                .query(TaskQueries::task)
                .list();
    }

    /** The command of the attempt in force. */
    public Task command(TaskRecord task) {
        return database.sql("select command from tasks where id = :id")
                .param("id", task.id())
                .query((row, _) -> JSON.readValue(row.getString(1), Task.class))
                .single();
    }

    /** Results of the finished tasks of a job by key, in the order of the plan. */
    public Map<String, TaskResult> results(UUID job) {
        Map<String, TaskResult> results = new LinkedHashMap<>();
        database.sql("select key, result from tasks where job = :job and result is not null order by position")
                .param("job", job)
                .query(row -> {
                    results.put(row.getString("key"), JSON.readValue(row.getString("result"), TaskResult.class));
                });
        return results;
    }

    /** The stages of the jobs that have tasks, in order. */
    public List<StageSummary> stages(Collection<UUID> jobs) {
        if (jobs.isEmpty()) {
            return List.of();
        }
        return database.sql("""
                        select t.job, t.stage, count(*) as total,
                               count(*) filter (where t.state = 'RUNNING') as running,
                               count(*) filter (where t.state = 'SUCCEEDED') as done,
                               count(*) filter (where t.state = 'FAILED') as failed,
                               count(*) filter (where t.state = 'CANCELLED') as cancelled,
                               coalesce(sum(t.weight * t.fraction) / nullif(sum(t.weight), 0), 0) as fraction,
                               min(a.started_at) as started_at, max(a.finished_at) as finished_at
                        from tasks t
                        left join lateral (
                            select min(started_at) as started_at, max(finished_at) as finished_at
                            from attempts where task = t.id) a on true
                        where t.job in (:jobs)
                        group by t.job, t.stage
                        """).param("jobs", jobs).query(TaskQueries::stage).list();
    }

    private static StageSummary stage(ResultSet row, int number) throws SQLException {
        return new StageSummary(
                row.getObject("job", UUID.class),
                Stage.valueOf(row.getString("stage")),
                new StageSummary.Counts(
                        row.getInt("total"),
                        row.getInt("running"),
                        row.getInt("done"),
                        row.getInt("failed"),
                        row.getInt("cancelled")),
                row.getDouble("fraction"),
                instant(row, "started_at"),
                instant(row, "finished_at"));
    }

    private static TaskRecord task(ResultSet row, int number) throws SQLException {
        return new TaskRecord(
                row.getObject("id", UUID.class),
                row.getObject("job", UUID.class),
                new TaskOutline(
                        row.getString("key"),
                        Stage.valueOf(row.getString("stage")),
                        row.getString("type"),
                        row.getString("label"),
                        row.getDouble("weight")),
                TaskState.valueOf(row.getString("state")),
                row.getDouble("fraction"),
                row.getString("detail"),
                attempt(row));
    }

    private static Attempt attempt(ResultSet row) throws SQLException {
        String failure = row.getString("failure");
        return new Attempt(
                row.getInt("attempt"),
                row.getString("worker"),
                instant(row, "started_at"),
                instant(row, "finished_at"),
                row.getObject("seconds", Double.class),
                failure == null ? null : JSON.readValue(failure, Failure.class));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
        return value == null ? null : value.toInstant();
    }
}
