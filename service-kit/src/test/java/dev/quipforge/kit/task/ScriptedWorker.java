package dev.quipforge.kit.task;

import dev.quipforge.contracts.Failure;
import dev.quipforge.contracts.ReduceHessians;
import dev.quipforge.contracts.TaskResult;
import dev.quipforge.contracts.TaskResult.HessiansReduced;
import dev.quipforge.kit.compute.ComputeProperties;
import dev.quipforge.kit.compute.Devices;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A worker whose tasks say themselves what happens to them: {@code output} is the script, {@code block} its number. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
class ScriptedWorker {

    private static final CyclicBarrier MEETING = new CyclicBarrier(2);
    private static final Set<Integer> STAYED = ConcurrentHashMap.newKeySet();

    /** What a task does. */
    enum Script {
        /** Succeeds at once. */
        SUCCEED,
        /** Takes {@code block} milliseconds and reports often. */
        WORK,
        /** Takes {@code block} milliseconds and reports nothing. */
        WORK_SILENTLY,
        /** Waits until another task of this process waits, too. */
        MEET,
        /** Waits to be stopped, and succeeds when it comes again; {@code block} tells one such task from another. */
        STAY_ONCE,
        /** Fails as bad input. */
        FAIL_AS_BAD_INPUT,
        /** Fails by an exception that nobody knows. */
        FAIL_AS_BUG,
        /** Fails like a JVM without memory. */
        FAIL_WITHOUT_MEMORY
    }

    /** A task with that script. */
    static ReduceHessians task(Script script, int number) {
        return new ReduceHessians(
                number, List.of("mlp-in"), List.of("s"), script.name().toLowerCase(Locale.ROOT));
    }

    /** Starts a worker of that name in this JVM, or one on each of several devices. */
    static ConfigurableApplicationContext start(String bootstrapServers, String name, String... devices) {
        return new SpringApplicationBuilder(ScriptedWorker.class)
                .properties(
                        "spring.config.name=scripted-worker",
                        "spring.kafka.bootstrap-servers=" + bootstrapServers,
                        "quipforge.worker.name=" + name,
                        "quipforge.compute.backend=" + (devices.length == 0 ? "any" : String.join(",", devices)))
                .run();
    }

    /** A process of its own, so that it can die: arguments are the broker and the name. */
    static void main(String[] arguments) {
        start(arguments[0], arguments[1]);
    }

    @Bean
    Devices<AutoCloseable> devices(ComputeProperties properties) {
        return Devices.open(properties, List::of, _ -> () -> {});
    }

    @Bean
    Workers workers(Devices<AutoCloseable> devices) {
        return Workers.on(devices, _ -> List.of(scripted()));
    }

    private static TaskHandler<ReduceHessians> scripted() {
        return new TaskHandler<>() {
            @Override
            public Class<ReduceHessians> type() {
                return ReduceHessians.class;
            }

            @Override
            public TaskResult handle(ReduceHessians task, TaskContext context) {
                play(task, context);
                return new HessiansReduced(task.output(), task.block(), 1);
            }
        };
    }

    @Bean
    FailureTranslator translator() {
        return thrown -> thrown instanceof BadInput
                ? Optional.of(new Failure(Failure.Code.INVALID_INPUT, "config.json", "hidden_size: -1"))
                : Optional.empty();
    }

    private static void play(ReduceHessians task, TaskContext context) {
        switch (Script.valueOf(task.output().toUpperCase(Locale.ROOT))) {
            case SUCCEED -> {}
            case WORK -> work(task.block(), true, context);
            case WORK_SILENTLY -> work(task.block(), false, context);
            case MEET -> meet();
            case STAY_ONCE -> {
                if (STAYED.add(task.block())) {
                    work(Integer.MAX_VALUE, false, context);
                }
            }
            case FAIL_AS_BAD_INPUT -> throw new BadInput();
            case FAIL_AS_BUG -> throw new IndexOutOfBoundsException("index 3 of 2");
            case FAIL_WITHOUT_MEMORY -> throw new OutOfMemoryError("Java heap space");
        }
    }

    private static void meet() {
        try {
            MEETING.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
            throw new IllegalStateException("nobody came", e);
        }
    }

    private static void work(int millis, boolean reporting, TaskContext context) {
        int step = 20;
        for (long done = 0; done < millis; done += step) {
            pause(step);
            if (reporting) {
                context.progress((double) done / millis, done + " of " + millis + " ms");
            } else {
                context.throwIfCancelled();
            }
        }
    }

    private static void pause(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** What the translator of this worker knows. */
    private static final class BadInput extends RuntimeException {}
}
