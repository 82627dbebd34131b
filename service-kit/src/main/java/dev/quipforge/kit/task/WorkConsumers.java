package dev.quipforge.kit.task;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.context.SmartLifecycle;

/** The consumers of a process, one a worker. They start and stop together. */
final class WorkConsumers implements SmartLifecycle {

    private final SequencedMap<String, WorkConsumer> byDevice;
    private final Duration patience;

    /**
     * @param byDevice by the name of the device
     * @param patience how long stopping may take
     */
    WorkConsumers(Map<String, WorkConsumer> byDevice, Duration patience) {
        this.byDevice = new LinkedHashMap<>(byDevice);
        this.patience = patience;
    }

    @Override
    public void start() {
        byDevice.values().forEach(WorkConsumer::start);
    }

    /** All are told before any is waited for, so that their tasks stop side by side. */
    @Override
    public void stop() {
        long end = System.nanoTime() + patience.toNanos();
        byDevice.values().forEach(WorkConsumer::leave);
        byDevice.values().forEach(consumer -> consumer.await(Duration.ofNanos(end - System.nanoTime())));
    }

    @Override
    public boolean isRunning() {
        return byDevice.values().stream().anyMatch(WorkConsumer::isRunning);
    }

    /** Last to start and first to stop, so that the bindings of the events are there whenever a task is. */
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }

    /** The health of the only worker, or that of several by the names of their devices. */
    HealthContributor health() {
        return byDevice.size() == 1
                ? byDevice.firstEntry().getValue().state()
                : CompositeHealthContributor.fromMap(byDevice, WorkConsumer::state);
    }
}
