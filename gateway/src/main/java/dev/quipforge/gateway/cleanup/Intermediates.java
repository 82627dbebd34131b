package dev.quipforge.gateway.cleanup;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Comparator;
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
            where kind = :kind
            group by prefix
            having bool_and(coalesce(jobs.finished_at <= :before, false))
            """;

    private final JdbcClient database;

    Intermediates(JdbcClient database) {
        this.database = database;
    }

    /** The job uses what is under the prefixes, until it has ended. All jobs lock in one order, so that none wait for each other. */
    public void use(UUID job, List<Intermediate> used) {
        for (Intermediate intermediate :
                used.stream().sorted(Comparator.comparing(Intermediate::prefix)).toList()) {
            lock(intermediate.prefix());
            database.sql("""
                            insert into intermediates (prefix, job, kind) values (:prefix, :job, :kind)
                            on conflict do nothing
                            """)
                    .param("prefix", intermediate.prefix())
                    .param("job", job)
                    .param("kind", intermediate.kind().name())
                    .update();
        }
    }

    /** Those of the kind of which every job had ended then. */
    List<Intermediate> unused(Intermediate.Kind kind, Instant before) {
        return database.sql(UNUSED + "order by prefix")
                .param("kind", kind.name())
                .param("before", before.atOffset(ZoneOffset.UTC))
                .query((row, _) -> new Intermediate(row.getString("prefix"), kind))
                .list();
    }

    /** Takes the lock of the prefix; whether every job that uses it had ended then. */
    boolean lockUnused(Intermediate intermediate, Instant before) {
        lock(intermediate.prefix());
        return database.sql(UNUSED + "and prefix = :prefix")
                .param("kind", intermediate.kind().name())
                .param("before", before.atOffset(ZoneOffset.UTC))
                .param("prefix", intermediate.prefix())
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
