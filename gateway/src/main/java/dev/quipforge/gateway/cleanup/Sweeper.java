package dev.quipforge.gateway.cleanup;

import dev.quipforge.kit.artifact.Artifact;
import dev.quipforge.kit.artifact.ArtifactStore;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Removes intermediate artifacts that no job needs any more. Results of tasks go first: what remains when a new job comes in
 * between is then only a part that is made whole again, never a result without its artifacts. What cannot be removed now is
 * removed later; no job depends on it.
 */
final class Sweeper implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(Sweeper.class);

    /** Entries that are removed under one lock, for which a job that begins may have to wait. */
    private static final int BATCH = 100;

    private final Intermediates intermediates;
    private final ArtifactStore store;
    private final TransactionOperations transaction;
    private final CleanupProperties properties;
    private final Clock clock;
    private final ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
    private volatile @Nullable ScheduledFuture<?> sweeping;

    Sweeper(
            Intermediates intermediates,
            ArtifactStore store,
            TransactionOperations transaction,
            CleanupProperties properties,
            Clock clock) {
        this.intermediates = intermediates;
        this.store = store;
        this.transaction = transaction;
        this.properties = properties;
        this.clock = clock;
        scheduler.setThreadNamePrefix("sweeper-");
        scheduler.setDaemon(true);
    }

    /** Looks once. */
    void sweep() {
        for (Intermediate.Kind kind : Intermediate.Kind.values()) {
            Instant before = clock.instant().minus(properties.of(kind));
            for (Intermediate intermediate : unused(kind, before)) {
                try {
                    sweep(intermediate, before);
                } catch (RuntimeException e) {
                    log.warn("{} could not be removed; trying again", intermediate.prefix(), e);
                }
            }
        }
    }

    private List<Intermediate> unused(Intermediate.Kind kind, Instant before) {
        try {
            return intermediates.unused(kind, before);
        } catch (RuntimeException e) {
            log.warn("could not look for artifacts that no job needs; trying again", e);
            return List.of();
        }
    }

    private void sweep(Intermediate intermediate, Instant before) {
        String prefix = intermediate.prefix();
        int removed = 0;
        List<String> left = keys(prefix);
        while (!left.isEmpty()) {
            for (int from = 0; from < left.size(); from += BATCH) {
                List<String> batch = left.subList(from, Math.min(left.size(), from + BATCH));
                if (!whileUnused(intermediate, before, () -> batch.forEach(store::delete))) {
                    return;
                }
                removed += batch.size();
            }
            left = keys(prefix);
        }
        if (whileUnused(intermediate, before, () -> intermediates.forget(prefix))) {
            log.info("removed: prefix={} entries={}", prefix, removed);
        }
    }

    /** Does it under the lock of the prefix, unless a job has come to use it; whether it was done. */
    private boolean whileUnused(Intermediate intermediate, Instant before, Runnable work) {
        Boolean done = transaction.execute(_ -> {
            boolean unused = intermediates.lockUnused(intermediate, before);
            if (unused) {
                work.run();
            }
            return unused;
        });
        return Boolean.TRUE.equals(done);
    }

    private List<String> keys(String prefix) {
        List<String> keys = new ArrayList<>();
        for (String place : List.of("results/" + prefix + "/", prefix + "/")) {
            store.list(place).stream().map(Artifact::key).forEach(keys::add);
        }
        return keys;
    }

    @Override
    public void start() {
        scheduler.initialize();
        sweeping = scheduler.scheduleWithFixedDelay(this::sweep, properties.interval());
    }

    @Override
    public void stop() {
        sweeping = null;
        scheduler.shutdown();
    }

    @Override
    public boolean isRunning() {
        return sweeping != null;
    }
}
