package dev.quipforge.kit.task;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/** What the worker is doing, as its health: up while it takes tasks or works on one. */
final class WorkerState extends AbstractHealthIndicator {

    private static final String STATE = "state";

    private volatile Health health =
            Health.outOfService().withDetail(STATE, "starting").build();

    void idle() {
        health = Health.up().withDetail(STATE, "idle").build();
    }

    void busy(String task) {
        health = Health.up().withDetail(STATE, "busy").withDetail("task", task).build();
    }

    void unavailable(String reason) {
        health = Health.down().withDetail(STATE, reason).build();
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        Health now = health;
        builder.status(now.getStatus()).withDetails(now.getDetails());
    }
}
