package dev.quipforge.kit.task;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.quipforge.contracts.JobControl;
import dev.quipforge.contracts.Task;
import dev.quipforge.contracts.TaskCommand;
import dev.quipforge.contracts.TaskEvent;
import dev.quipforge.contracts.Topics;
import dev.quipforge.kit.json.ContractsJson;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;

/** The gateway's side of the work topics: sends commands and hears events. */
public final class WorkBench implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final KafkaProducer<String, byte[]> producer;
    private final KafkaConsumer<String, byte[]> consumer;
    private final List<TaskEvent> events = new CopyOnWriteArrayList<>();
    private final Thread listener;
    private volatile boolean open = true;

    /** Connects and hears every event from the beginning. */
    public WorkBench(String bootstrapServers) {
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers), new StringSerializer(), new ByteArraySerializer());
        consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "group.id",
                        "bench-" + UUID.randomUUID(),
                        "auto.offset.reset",
                        "earliest",
                        "metadata.max.age.ms",
                        "1000"),
                new StringDeserializer(),
                new ByteArrayDeserializer());
        consumer.subscribe(Set.of(Topics.TASK_EVENTS.topic()));
        listener = Thread.ofPlatform().name("bench").start(this::listen);
    }

    private void listen() {
        while (open) {
            consumer.poll(Duration.ofMillis(100)).forEach(received -> {
                TaskEvent event = ContractsJson.mapper().readValue(received.value(), TaskEvent.class);
                if (!event.job().toString().equals(received.key())) {
                    throw new AssertionError("key: " + received.key() + " (expected: " + event.job() + ")");
                }
                events.add(event);
            });
        }
        consumer.close();
    }

    /** Sends a task of a new job. */
    public TaskCommand send(Task task) {
        TaskCommand command = new TaskCommand(UUID.randomUUID(), UUID.randomUUID(), 1, task);
        send(command);
        return command;
    }

    /** Sends a command. */
    public void send(TaskCommand command) {
        sendRaw(
                command.work().queue().topic(),
                command.job().toString(),
                ContractsJson.mapper().writeValueAsBytes(command));
    }

    /** Cancels a job. */
    public void cancel(UUID job) {
        sendRaw(
                Topics.JOB_CONTROL.topic(),
                job.toString(),
                ContractsJson.mapper().writeValueAsBytes(new JobControl(job)));
    }

    /** Sends any bytes. */
    public void sendRaw(String topic, String key, byte[] value) {
        try {
            producer.send(new ProducerRecord<>(topic, key, value)).get();
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException("not sent: " + new String(value, UTF_8), e);
        }
    }

    /** The events of a task so far, in order. */
    public List<TaskEvent> events(TaskCommand command) {
        return events.stream()
                .filter(event -> event.task().equals(command.task()))
                .toList();
    }

    /** The events of a kind of a task so far. */
    public <E extends TaskEvent> List<E> events(TaskCommand command, Class<E> kind) {
        return events(command).stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** Waits for the first event of a kind of a task. */
    public <E extends TaskEvent> E await(TaskCommand command, Class<E> kind) {
        return Awaitility.await(kind.getSimpleName() + " of " + command)
                .atMost(PATIENCE)
                .until(() -> events(command, kind), found -> !found.isEmpty())
                .getFirst();
    }

    @Override
    public void close() {
        open = false;
        try {
            listener.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close();
    }
}
