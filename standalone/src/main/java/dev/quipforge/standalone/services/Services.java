package dev.quipforge.standalone.services;

import dev.quipforge.standalone.lifecycle.ClosingOrder;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Starts the services. */
public final class Services {

    private static final Duration TAKES_WORK = Duration.ofMinutes(2);

    private Services() {}

    /**
     * Starts all services: first the gateway, which makes the topics, then the workers side by side. Each is handed to
     * {@code closing} as soon as it runs; returns when all take work.
     *
     * @param progress hears what is being started
     * @throws IOException if one of them does not start
     */
    public static void start(ServiceSettings settings, ClosingOrder closing, Consumer<String> progress)
            throws IOException {
        ServicesHealth health = new ServicesHealth();
        progress.accept("starting the gateway");
        try {
            start(Service.GATEWAY, settings, closing, health);
        } catch (ClosingOrder.StoppedException stopped) {
            throw stopped;
        } catch (RuntimeException e) {
            throw new IOException(rootMessage(e), e);
        }
        progress.accept("starting the workers");
        try (ExecutorService starters = Executors.newThreadPerTaskExecutor(
                Thread.ofPlatform().name("start-", 0).factory())) {
            List<Future<?>> workers = EnumSet.complementOf(EnumSet.of(Service.GATEWAY)).stream()
                    .<Future<?>>map(service -> starters.submit(() -> start(service, settings, closing, health)))
                    .toList();
            for (Future<?> worker : workers) {
                await(worker);
            }
            health.awaitUp(TAKES_WORK);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static void start(Service service, ServiceSettings settings, ClosingOrder closing, ServicesHealth health) {
        RunningService running =
                closing.add("the service " + service.title(), RunningService.start(service, settings, health));
        health.add(service, running);
    }

    private static void await(Future<?> worker) throws IOException {
        try {
            worker.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ClosingOrder.StoppedException stopped) {
                throw stopped;
            }
            throw new IOException(rootMessage(e), e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static IOException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IOException("interrupted while starting", e);
    }

    /** What went wrong first: what Spring says of it on top names beans, not reasons. */
    private static String rootMessage(Throwable problem) {
        Throwable root = problem;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.toString() : root.getMessage();
    }
}
