package dev.quipforge.gateway;

import dev.quipforge.contracts.JobControl;
import dev.quipforge.contracts.TaskCommand;
import dev.quipforge.contracts.TaskEvent;
import dev.quipforge.contracts.Topics;
import dev.quipforge.contracts.WorkQueue;
import dev.quipforge.kit.json.ContractsJson;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** All workers at once: reads the commands of one broker and answers them as a script says. */
public final class Workers implements AutoCloseable {

    /** What every worker of the tests is called. */
    public static final String NAME = "worker-1";

    private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");

    private final Queue<TaskCommand> commands = new ConcurrentLinkedQueue<>();
    private final Queue<JobControl> controls = new ConcurrentLinkedQueue<>();
    private final KafkaProducer<String, String> producer;
    private final String brokers;
    private final Function<TaskCommand, List<TaskEvent>> script;
    private final Thread thread;
    private volatile boolean running = true;

    /** Workers that follow the script. */
    public Workers(String brokers, Function<TaskCommand, List<TaskEvent>> script) {
        this.brokers = brokers;
        this.script = script;
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", brokers), new StringSerializer(), new StringSerializer());
        thread = Thread.ofPlatform().name("test-workers").start(this::work);
    }

    /** The script of workers that do their work. */
    public static List<TaskEvent> succeed(TaskCommand command) {
        return List.of(
                started(command),
                new TaskEvent.TaskProgressed(
                        command.job(), command.task(), command.attempt(), NAME, AT, 0.5, "half of it"),
                succeeded(command));
    }

    /** The worker has it. */
    public static TaskEvent started(TaskCommand command) {
        return new TaskEvent.TaskStarted(command.job(), command.task(), command.attempt(), NAME, AT);
    }

    /** The worker has done it. */
    public static TaskEvent succeeded(TaskCommand command) {
        return new TaskEvent.TaskSucceeded(
                command.job(), command.task(), command.attempt(), NAME, AT, Answers.result(command.work()), 0.25);
    }

    /** Commands that were read, oldest first. */
    public List<TaskCommand> commands(UUID job) {
        return commands.stream().filter(command -> command.job().equals(job)).toList();
    }

    /** Jobs whose work was called off. */
    public List<UUID> stopped() {
        return controls.stream().map(JobControl::job).toList();
    }

    private void work() {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", brokers, "group.id", "test-" + UUID.randomUUID(), "auto.offset.reset", "earliest");
        List<String> topics = new ArrayList<>(
                Arrays.stream(WorkQueue.values()).map(WorkQueue::topic).toList());
        topics.add(Topics.JOB_CONTROL.topic());
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(topics);
            while (running) {
                consumer.poll(Duration.ofMillis(50)).forEach(this::take);
            }
        }
    }

    private void take(ConsumerRecord<String, String> message) {
        if (message.topic().equals(Topics.JOB_CONTROL.topic())) {
            controls.add(ContractsJson.mapper().readValue(message.value(), JobControl.class));
            return;
        }
        TaskCommand command = ContractsJson.mapper().readValue(message.value(), TaskCommand.class);
        commands.add(command);
        script.apply(command).forEach(event -> send(event.job().toString(), json(event)));
    }

    /** Sends anything to the topic of the events. */
    public void send(String key, String value) {
        try {
            producer.send(new ProducerRecord<>(Topics.TASK_EVENTS.topic(), key, value))
                    .get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String json(TaskEvent event) {
        return ContractsJson.mapper().writerFor(TaskEvent.class).writeValueAsString(event);
    }

    @Override
    public void close() {
        running = false;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close();
    }
}
