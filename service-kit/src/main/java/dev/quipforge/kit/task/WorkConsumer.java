package dev.quipforge.kit.task;

import dev.quipforge.contracts.TaskCommand;
import dev.quipforge.kit.json.ContractsJson;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * Takes tasks from the work topic through a share group, one at a time. One thread owns the consumer and keeps the lease;
 * the handler runs on another.
 *
 * <p>The consumer is used directly: Spring Kafka's share container would hand a renewed record to the listener again, ends
 * for good at the first error of the broker, and polls in vain a hundred times a second while a task is at hand.
 */
final class WorkConsumer {

    private static final Logger LOG = LoggerFactory.getLogger(WorkConsumer.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration LOOK = Duration.ofMillis(200);

    private final String topic;
    private final Supplier<ShareConsumer<String, byte[]>> consumers;
    private final TaskRunner runner;
    private final Duration shutdownGrace;
    private final WorkerState state;
    private final ScheduledExecutorService timer;
    private volatile boolean running;
    private @Nullable Thread loop;

    WorkConsumer(
            String topic,
            Supplier<ShareConsumer<String, byte[]>> consumers,
            TaskRunner runner,
            ScheduledExecutorService timer,
            Duration shutdownGrace,
            WorkerState state) {
        this.topic = topic;
        this.consumers = consumers;
        this.runner = runner;
        this.shutdownGrace = shutdownGrace;
        this.state = state;
        this.timer = timer;
    }

    synchronized void start() {
        if (!running) {
            running = true;
            loop = Thread.ofPlatform().name("work-" + runner.worker()).start(this::consume);
        }
    }

    /** Takes no task any more, and stops the one at hand. */
    void leave() {
        running = false;
    }

    /** Waits until it has left, but no longer than that. */
    synchronized void await(Duration patience) {
        Thread leaving = loop;
        loop = null;
        if (leaving != null) {
            try {
                leaving.join(patience);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    boolean isRunning() {
        return running;
    }

    /** What it is doing. */
    WorkerState state() {
        return state;
    }

    private void consume() {
        while (running) {
            try (ShareConsumer<String, byte[]> consumer = consumers.get()) {
                consumer.subscribe(Set.of(topic));
                LOG.info("taking tasks: topic={} worker={}", topic, runner.worker());
                while (running) {
                    take(consumer);
                }
            } catch (RuntimeException e) {
                state.unavailable(e.toString());
                LOG.warn("work queue not available, trying again: topic={} reason={}", topic, e.toString());
                pause();
            }
        }
        state.unavailable("stopped");
    }

    /** Takes at most one task and stays with it to its end. */
    private void take(ShareConsumer<String, byte[]> consumer) {
        ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
        state.idle();
        boolean first = true;
        for (ConsumerRecord<String, byte[]> record : records) {
            Lease lease = new Lease(consumer, record);
            if (first) {
                decode(record).ifPresentOrElse(command -> work(command, lease), lease::reject);
            } else {
                lease.release();
            }
            first = false;
        }
    }

    private static Optional<TaskCommand> decode(ConsumerRecord<String, byte[]> record) {
        try {
            byte[] value = record.value();
            if (value != null) {
                return Optional.of(ContractsJson.mapper().readValue(value, TaskCommand.class));
            }
            LOG.error("not a task, rejected: {} reason=no value", position(record));
        } catch (JacksonException e) {
            LOG.error("not a task, rejected: {} reason={}", position(record), e.getOriginalMessage());
        }
        return Optional.empty();
    }

    private static String position(ConsumerRecord<?, ?> record) {
        return "topic=%s partition=%d offset=%d".formatted(record.topic(), record.partition(), record.offset());
    }

    private void work(TaskCommand command, Lease lease) {
        TaskRun run = runner.prepare(command);
        FutureTask<Boolean> task = new FutureTask<>(() -> runner.run(run, timer));
        Thread thread =
                Thread.ofPlatform().daemon().name("task-" + runner.worker()).start(task);
        state.busy(command.task().toString());
        if (keepLease(task, lease, run)) {
            lease.accept();
            return;
        }
        if (run.isStopped()) {
            giveGrace(task, thread);
        }
        lease.release();
        if (running) {
            pause();
        }
    }

    /** Renews until the task has ended; true when it ended and said so. */
    private boolean keepLease(FutureTask<Boolean> task, Lease lease, TaskRun run) {
        long renewed = System.nanoTime();
        while (true) {
            try {
                return task.get(LOOK.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (!running) {
                    run.stop();
                    return false;
                }
                if (System.nanoTime() - renewed >= lease.renewal().toNanos()) {
                    lease.renew();
                    renewed = System.nanoTime();
                }
            } catch (ExecutionException e) {
                LOG.error(
                        "task ended without an event, it goes back: task={}",
                        run.command().task(),
                        e.getCause());
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                run.stop();
                return false;
            }
        }
    }

    /** Waits for a handler that was told to stop; one that does not listen is interrupted and left behind. */
    private void giveGrace(FutureTask<Boolean> task, Thread thread) {
        try {
            task.get(shutdownGrace.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.warn("task does not stop, it is given back while it runs: topic={}", topic);
            thread.interrupt();
        } catch (ExecutionException e) {
            LOG.debug("task stopped", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
