package dev.quipforge.gateway.cleanup;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The prefixes of intermediate artifacts in PostgreSQL, with the jobs that use them. Who adds a use, and who removes artifacts,
 * holds the lock of the prefix until the transaction ends: so a job either sees artifacts that stay, or none.
 */
public final class Intermediates {

    private static final String UNUSED = """
            select prefix from intermediates join jobs on jobs.id = intermediates.job
            group by prefix
            having bool_and(coalesce(jobs.finished_at <= :before, false))
            """;

    private final JdbcClient database;

    Intermediates(JdbcClient database) {
        this.database = database;
    }

    /** The job uses what is under the prefixes, until it has ended. */
    public void use(UUID job, List<String> prefixes) {
        for (String prefix : prefixes) {
            lock(prefix);
            database.sql("insert into intermediates (prefix, job) values (:prefix, :job) on conflict do nothing")
                    .param("prefix", prefix)
                    .param("job", job)
                    .update();
        }
    }

    /** Prefixes of which every job had ended then. */
    List<String> unused(Instant before) {
        return database.sql(UNUSED + "order by prefix")
                .param("before", before.atOffset(ZoneOffset.UTC))
                .query((row, _) -> row.getString("prefix"))
                .list();
    }

    /** Takes the lock of the prefix; whether every job that uses it had ended then. */
    boolean lockUnused(String prefix, Instant before) {
        lock(prefix);
        return database.sql(UNUSED + "and prefix = :prefix")
                .param("before", before.atOffset(ZoneOffset.UTC))
                .param("prefix", prefix)
                .query((row, _) -> row.getString("prefix"))
                .optional()
                .isPresent();
    }

    /** There is nothing under the prefix any more. */
    void forget(String prefix) {
        database.sql("delete from intermediates where prefix = :prefix")
                .param("prefix", prefix)
                .update();
    }

    private void lock(String prefix) {
        database.sql("select pg_advisory_xact_lock(hashtextextended(:prefix, 0))")
                .param("prefix", prefix)
                .query((_, _) -> prefix)
                .single();
    }
}
