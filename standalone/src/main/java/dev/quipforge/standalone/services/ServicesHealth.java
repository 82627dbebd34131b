package dev.quipforge.standalone.services;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.ConfigurableApplicationContext;

/** The health of the workers as parts of the gateway's: in one process there is one place to ask. */
final class ServicesHealth {

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

    private Health health(Service service) {
        RunningService worker = running.get(service);
        return worker == null
                ? Health.unknown().withDetail("state", "starting").build()
                : Health.status(worker.health()).build();
    }
}
