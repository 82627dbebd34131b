package dev.quipforge.kit.task;

import java.time.Duration;
import java.util.Map;
import org.springframework.kafka.test.EmbeddedKafkaKraftBroker;

/** A real Kafka broker (KRaft) in this JVM, with share groups, on a free port. */
public final class KafkaServer implements AutoCloseable {

    private final EmbeddedKafkaKraftBroker broker;

    private KafkaServer(EmbeddedKafkaKraftBroker broker) {
        this.broker = broker;
    }

    /** Starts a broker whose leases last so long. */
    public static KafkaServer start(Duration lease) {
        String millis = Long.toString(lease.toMillis());
        EmbeddedKafkaKraftBroker broker = new EmbeddedKafkaKraftBroker(1, 1);
        broker.brokerProperties(Map.of(
                "group.share.record.lock.duration.ms", millis,
                "group.share.min.record.lock.duration.ms", "1000",
                "share.coordinator.state.topic.replication.factor", "1",
                "share.coordinator.state.topic.min.isr", "1",
                "share.coordinator.state.topic.num.partitions", "1",
                "offsets.topic.num.partitions", "1",
                "log.cleaner.dedupe.buffer.size", "2097152"));
        broker.afterPropertiesSet();
        return new KafkaServer(broker);
    }

    /** Addresses of the broker, as {@code spring.kafka.bootstrap-servers} wants them. */
    public String bootstrapServers() {
        return broker.getBrokersAsString();
    }

    @Override
    public void close() {
        broker.destroy();
    }
}
