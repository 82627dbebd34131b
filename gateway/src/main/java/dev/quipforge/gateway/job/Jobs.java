package dev.quipforge.gateway.job;

import dev.quipforge.gateway.plan.Stage;
import dev.quipforge.gateway.request.JobRequest;
import dev.quipforge.kit.json.ContractsJson;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/** The jobs in PostgreSQL. */
public final class Jobs {

    private static final JsonMapper JSON = ContractsJson.mapper();

    private final JdbcClient database;
    private final Clock clock;

    Jobs(JdbcClient database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /**
     * Adds a job in its first state, unless the idempotency key is taken.
     *
     * @return whether it was added
     */
    public boolean add(UUID id, JobRequest request, @Nullable String idempotencyKey) {
        return database.sql("""
                        insert into jobs (id, name, state, stage, request, idempotency_key, created_at)
                        values (:id, :name, :state, :stage, cast(:request as jsonb), :key, :now)
                        on conflict (idempotency_key) do nothing
                        """)
                        .param("id", id)
                        .param("name", request.name())
                        .param("state", JobState.SUBMITTED.name())
                        .param("stage", Stage.INTAKE.name())
                        .param("request", JSON.writeValueAsString(request))
                        .param("key", idempotencyKey)
                        .param("now", now())
                        .update()
                == 1;
    }

    /** The job, if there is one. */
    public Optional<Job> find(UUID id) {
        return database.sql("select * from jobs where id = :id")
                .param("id", id)
                .query(Jobs::job)
                .optional();
    }

    /**
     * The job.
     *
     * @throws JobNotFoundException if there is none
     */
    public Job get(UUID id) {
        return find(id).orElseThrow(() -> new JobNotFoundException(id));
    }

    /** The job that was added with this idempotency key. */
    public Optional<Job> findByIdempotencyKey(String key) {
        return database.sql("select * from jobs where idempotency_key = :key")
                .param("key", key)
                .query(Jobs::job)
                .optional();
    }

    /** The job, its row locked until the transaction ends: whoever changes a job or its tasks holds this lock. */
    public Optional<Job> lock(UUID id) {
        return database.sql("select * from jobs where id = :id for update")
                .param("id", id)
                .query(Jobs::job)
                .optional();
    }

    /**
     * Jobs, newest first.
     *
     * @param state only jobs in this state; null for all
     * @param before only jobs with a smaller number
     * @param limit at most so many
     */
    public List<Job> list(@Nullable JobState state, long before, int limit) {
        return database.sql("""
                        select * from jobs
                        where number < :before and (cast(:state as text) is null or state = :state)
                        order by number desc
                        limit :limit
                        """)
                .param("before", before)
                .param("state", state == null ? null : state.name())
                .param("limit", limit)
                .query(Jobs::job)
                .list();
    }

    /** A worker has started. */
    public void start(Job job) {
        database.sql("update jobs set state = :state, started_at = :now where id = :id")
                .param("state", job.state().to(JobState.RUNNING).name())
                .param("now", now())
                .param("id", job.id())
                .update();
    }

    /** The job has come to another stage. */
    public void enter(Job job, Stage stage) {
        database.sql("update jobs set stage = :stage where id = :id")
                .param("stage", stage.name())
                .param("id", job.id())
                .update();
    }

    /** The job has reached a last state, with the reason if that is {@link JobState#FAILED}. */
    public void end(Job job, JobState state, @Nullable JobFailure failure) {
        database.sql("""
                        update jobs set state = :state, finished_at = :now, failure = cast(:failure as jsonb)
                        where id = :id
                        """)
                .param("state", job.state().to(state).name())
                .param("now", now())
                .param("failure", failure == null ? null : JSON.writeValueAsString(failure))
                .param("id", job.id())
                .update();
    }

    private static Job job(ResultSet row, int number) throws SQLException {
        String failure = row.getString("failure");
        return new Job(
                row.getObject("id", UUID.class),
                row.getLong("number"),
                JobState.valueOf(row.getString("state")),
                Stage.valueOf(row.getString("stage")),
                JSON.readValue(row.getString("request"), JobRequest.class),
                new Job.Times(
                        row.getObject("created_at", OffsetDateTime.class).toInstant(),
                        instant(row, "started_at"),
                        instant(row, "finished_at")),
                failure == null ? null : JSON.readValue(failure, JobFailure.class));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
        return value == null ? null : value.toInstant();
    }

    private OffsetDateTime now() {
        return clock.instant().atOffset(ZoneOffset.UTC);
    }
}
