package dev.quipforge.standalone.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.standalone.data.Ports;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaBrokerTest {

    private static final Duration LEASE = Duration.ofSeconds(15);

    @TempDir
    private Path directory;

    @Test
    void aShareGroupReadsWhatWasWrittenBeforeARestart() throws Exception {
        try (KafkaBroker broker = start()) {
            createTopic(broker);
            send(broker, "one");
        }
        try (KafkaBroker broker = start()) {
            send(broker, "two");
            assertThat(receive(broker, 2)).containsExactly("one", "two");
        }
    }

    private KafkaBroker start() throws IOException {
        List<Integer> ports = Ports.free(2);
        return KafkaBroker.start(directory.resolve("kafka"), ports.getFirst(), ports.getLast(), LEASE);
    }

    private static void createTopic(KafkaBroker broker) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic("work", 1, (short) 1)))
                    .all()
                    .get();
            ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, "workers");
            AlterConfigOp earliest =
                    new AlterConfigOp(new ConfigEntry("share.auto.offset.reset", "earliest"), AlterConfigOp.OpType.SET);
            admin.incrementalAlterConfigs(Map.of(group, List.of(earliest)))
                    .all()
                    .get();
        }
    }

    private static void send(KafkaBroker broker, String text) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers()),
                new StringSerializer(),
                new StringSerializer())) {
            producer.send(new ProducerRecord<>("work", text)).get();
        }
    }

    private static List<String> receive(KafkaBroker broker, int count) {
        List<String> texts = new ArrayList<>();
        try (KafkaShareConsumer<String, String> consumer = new KafkaShareConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "group.id", "workers"),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.subscribe(List.of("work"));
            for (int attempt = 0; attempt < 60 && texts.size() < count; attempt++) {
                for (ConsumerRecord<String, String> message : consumer.poll(Duration.ofMillis(500))) {
                    texts.add(message.value());
                }
            }
        }
        return texts;
    }
}
