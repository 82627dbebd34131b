package dev.quipforge.gateway.saga;

import dev.quipforge.gateway.task.TaskQueries;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

/**
 * Looks for tasks of which nothing is heard. It starts looking one silence after the gateway did: what workers said in
 * the meantime must be read first.
 */
final class Watchdog implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(Watchdog.class);

    private final TaskQueries queries;
    private final TaskEvents events;
    private final SagaProperties properties;
    private final Clock clock;
    private final ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
    private volatile @Nullable ScheduledFuture<?> watching;

    Watchdog(TaskQueries queries, TaskEvents events, SagaProperties properties, Clock clock) {
        this.queries = queries;
        this.events = events;
        this.properties = properties;
        this.clock = clock;
        scheduler.setThreadNamePrefix("watchdog-");
        scheduler.setDaemon(true);
    }

    /** Looks once. */
    void watch() {
        try {
            Duration silence = properties.taskSilence();
            queries.silent(clock.instant().minus(silence)).forEach(task -> {
                String worker = String.valueOf(task.attempt().worker());
                log.warn(
                        "task {} ({}): nothing heard from {}",
                        task.id(),
                        task.outline().label(),
                        worker);
                events.lost(task, "nothing was heard from worker %s for %s".formatted(worker, seconds(silence)));
            });
            Duration patience = properties.queuePatience();
            queries.stuck(clock.instant().minus(patience)).forEach(task -> {
                log.warn(
                        "task {} ({}): no worker took it",
                        task.id(),
                        task.outline().label());
                events.lost(
                        task,
                        "no worker took the task within %s (expected: a running worker for %s)"
                                .formatted(seconds(patience), task.outline().type()));
            });
        } catch (RuntimeException e) {
            log.warn("could not look for silent tasks; trying again", e);
        }
    }

    private static String seconds(Duration duration) {
        return duration.toMillis() / 1000.0 + " s";
    }

    @Override
    public void start() {
        scheduler.initialize();
        Instant first = clock.instant().plus(properties.taskSilence());
        watching = scheduler.scheduleWithFixedDelay(this::watch, first, properties.watchInterval());
    }

    @Override
    public void stop() {
        watching = null;
        scheduler.shutdown();
    }

    @Override
    public boolean isRunning() {
        return watching != null;
    }
}
