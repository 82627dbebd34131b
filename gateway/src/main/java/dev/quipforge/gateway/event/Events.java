package dev.quipforge.gateway.event;

import dev.quipforge.gateway.job.JobState;
import dev.quipforge.kit.json.ContractsJson;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The events in PostgreSQL. */
public final class Events {

    private final JdbcClient database;

    Events(JdbcClient database) {
        this.database = database;
    }

    /** Adds an event. The caller holds the lock of the job, so the numbers of a job follow the order of commits. */
    public void append(EventType type, JobEvent event) {
        database.sql("insert into events (job, type, at, data) values (:job, :type, :at, cast(:data as jsonb))")
                .param("job", event.job())
                .param("type", type.key())
                .param("at", event.at().atOffset(ZoneOffset.UTC))
                .param("data", ContractsJson.mapper().writeValueAsString(event))
                .update();
    }

    /** Events of a job with a greater number, in order, at most {@code limit}. */
    List<Recorded> after(UUID job, long sequence, int limit) {
        return database.sql("""
                        select sequence, type, data, data ->> 'state' as state from events
                        where job = :job and sequence > :sequence
                        order by sequence limit :limit
                        """)
                .param("job", job)
                .param("sequence", sequence)
                .param("limit", limit)
                .query((row, _) -> new Recorded(
                        row.getLong("sequence"),
                        row.getString("type"),
                        row.getString("data"),
                        isLast(row.getString("type"), row.getString("state"))))
                .list();
    }

    private static boolean isLast(String type, String state) {
        return type.equals(EventType.JOB.key()) && JobState.valueOf(state).isLast();
    }

    /**
     * An event as it was kept.
     *
     * @param sequence its number
     * @param type name of its kind
     * @param data JSON of the {@link JobEvent}
     * @param last whether it is the last of its job
     */
    record Recorded(long sequence, String type, String data, boolean last) {}
}
