package dev.quipforge.kit.task;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicIdPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker's promise that no other worker gets a record, for as long as it is renewed. Used by the thread of the
 * consumer only.
 *
 * <p>A renewed record comes back from the next poll (KAFKA-20458), and only then can it be acknowledged again; no new
 * record is fetched by that poll. A lease that was lost cannot be had back: the record will be delivered again, to this
 * worker or to another.
 */
final class Lease {

    private static final Logger LOG = LoggerFactory.getLogger(Lease.class);
    private static final Duration COMMIT = Duration.ofSeconds(10);
    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final int DEFAULT_MILLIS = 30_000;

    private final ShareConsumer<String, byte[]> consumer;
    private final ConsumerRecord<String, byte[]> record;
    private final Duration renewal;
    private boolean held = true;

    Lease(ShareConsumer<String, byte[]> consumer, ConsumerRecord<String, byte[]> record) {
        this.consumer = consumer;
        this.record = record;
        int lease = consumer.acquisitionLockTimeoutMs().orElse(DEFAULT_MILLIS);
        Duration third = Duration.ofMillis(lease / 3);
        this.renewal = third.compareTo(SHORTEST) < 0 ? SHORTEST : third;
    }

    /** Renewing this often keeps the lease, even if one renewal comes late. */
    Duration renewal() {
        return renewal;
    }

    /** Starts the time of the lease anew. */
    void renew() {
        if (acknowledge(AcknowledgeType.RENEW)) {
            try {
                ConsumerRecords<String, byte[]> again = consumer.poll(Duration.ZERO);
                held = again.count() == 1;
            } catch (RuntimeException e) {
                lost(e);
            }
        }
    }

    /** The task is done: the record never comes back. */
    void accept() {
        acknowledge(AcknowledgeType.ACCEPT);
    }

    /** Another worker may have the record at once. */
    void release() {
        acknowledge(AcknowledgeType.RELEASE);
    }

    /** The record is no task: it never comes back. */
    void reject() {
        acknowledge(AcknowledgeType.REJECT);
    }

    private boolean acknowledge(AcknowledgeType type) {
        if (!held) {
            return false;
        }
        try {
            consumer.acknowledge(record, type);
            Map<TopicIdPartition, Optional<KafkaException>> outcome = consumer.commitSync(COMMIT);
            outcome.values().stream().flatMap(Optional::stream).findFirst().ifPresent(this::lost);
        } catch (RuntimeException e) {
            lost(e);
        }
        return held;
    }

    private void lost(RuntimeException reason) {
        held = false;
        LOG.warn(
                "lease lost, the task will be delivered again: topic={} partition={} offset={} reason={}",
                record.topic(),
                record.partition(),
                record.offset(),
                reason.toString());
    }
}
