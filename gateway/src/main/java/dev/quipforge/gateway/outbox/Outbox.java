package dev.quipforge.gateway.outbox;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Messages on their way to Kafka. They are written in the transaction of the state they follow from, so no crash can
 * lose one or send one for a state that never was.
 */
public final class Outbox {

    private final JdbcClient database;
    private final Clock clock;

    Outbox(JdbcClient database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /**
     * Adds a message.
     *
     * @param job the job it belongs to
     * @param topic where it goes
     * @param key key of the record
     * @param payload JSON
     * @param delay not to be sent before this has passed
     */
    public void add(UUID job, String topic, String key, String payload, Duration delay) {
        database.sql("""
                        insert into outbox (job, topic, key, payload, due_at)
                        values (:job, :topic, :key, :payload, :due)
                        """)
                .param("job", job)
                .param("topic", topic)
                .param("key", key)
                .param("payload", payload)
                .param("due", clock.instant().plus(delay).atOffset(ZoneOffset.UTC))
                .update();
    }

    /** Takes back what was not sent yet of a job. */
    public void withdraw(UUID job) {
        database.sql("delete from outbox where job = :job and sent_at is null")
                .param("job", job)
                .update();
    }

    /** Messages to send, oldest first, locked until the transaction ends; another gateway's are passed over. */
    List<Message> due(int limit) {
        return database.sql("""
                        select sequence, topic, key, payload from outbox
                        where sent_at is null and due_at <= :now
                        order by sequence limit :limit
                        for update skip locked
                        """)
                .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                .param("limit", limit)
                .query((row, _) -> new Message(
                        row.getLong("sequence"),
                        row.getString("topic"),
                        row.getString("key"),
                        row.getString("payload")))
                .list();
    }

    /** The broker has the message. */
    void sent(Message message) {
        database.sql("update outbox set sent_at = :now where sequence = :sequence")
                .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                .param("sequence", message.sequence())
                .update();
    }

    /** Forgets what was sent before the given time. */
    void forget(Instant before) {
        database.sql("delete from outbox where sent_at < :before")
                .param("before", before.atOffset(ZoneOffset.UTC))
                .update();
    }

    /**
     * A message.
     *
     * @param sequence its place in the order
     * @param topic where it goes
     * @param key key of the record
     * @param payload JSON
     */
    record Message(long sequence, String topic, String key, String payload) {}
}
