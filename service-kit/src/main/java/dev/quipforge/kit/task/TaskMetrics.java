package dev.quipforge.kit.task;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * {@code quipforge.tasks}: a timer of the tasks that ended, by kind and outcome; {@code quipforge.tasks.active}: a gauge of
 * those at hand.
 */
final class TaskMetrics {

    private final MeterRegistry registry;
    private final AtomicInteger active;

    TaskMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.active = registry.gauge("quipforge.tasks.active", new AtomicInteger());
    }

    void started() {
        active.incrementAndGet();
    }

    void ended() {
        active.decrementAndGet();
    }

    void record(String kind, String outcome, double seconds) {
        Timer.builder("quipforge.tasks")
                .tag("kind", kind)
                .tag("outcome", outcome)
                .register(registry)
                .record(Duration.ofMillis((long) (seconds * 1000)));
    }
}
