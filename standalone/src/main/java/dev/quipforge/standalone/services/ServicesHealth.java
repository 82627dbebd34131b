package dev.quipforge.standalone.services;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ConfigurableApplicationContext;

/** The health of the workers as parts of the gateway's: in one process there is one place to ask. */
final class ServicesHealth {

    private static final Duration LOOK = Duration.ofMillis(100);

    private final Map<Service, RunningService> running = new ConcurrentHashMap<>();

    /** From now on this worker's health is asked for. */
    void add(Service service, RunningService started) {
        running.put(service, started);
    }

    /** Makes every worker's health a part of that of {@code gateway}, which has not started yet. */
    void contributeTo(ConfigurableApplicationContext gateway) {
        for (Service service : Service.values()) {
            if (service != Service.GATEWAY) {
                HealthIndicator indicator = () -> health(service);
                gateway.getBeanFactory().registerSingleton(service.title() + "HealthIndicator", indicator);
            }
        }
    }

    /**
     * Waits until every worker that was added takes tasks: its context is ready before its consumer has joined the group.
     *
     * @throws IOException if one does not within {@code limit}; names it and its state
     */
    void awaitUp(Duration limit) throws IOException, InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        Map<String, Status> unwell = unwell();
        while (!unwell.isEmpty()) {
            if (System.nanoTime() > end) {
                throw new IOException("not ready after " + limit.toSeconds() + " s: " + unwell);
            }
            Thread.sleep(LOOK);
            unwell = unwell();
        }
    }

    private Map<String, Status> unwell() {
        Map<String, Status> states = new TreeMap<>();
        running.forEach((service, worker) -> states.put(service.title(), worker.health()));
        states.values().removeIf(Status.UP::equals);
        return states;
    }

    private Health health(Service service) {
        RunningService worker = running.get(service);
        return worker == null
                ? Health.unknown().withDetail("state", "starting").build()
                : Health.status(worker.health()).build();
    }
}
