package dev.quipforge.standalone.lifecycle;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has been started, to be closed in the opposite order. Closing may happen while things are still being started: what is
 * added after that is closed at once. A failure to close one thing does not keep the others from being closed.
 */
public final class ClosingOrder implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ClosingOrder.class);

    private final Deque<Entry> started = new ArrayDeque<>();
    private boolean closed;

    private record Entry(String name, AutoCloseable resource) {}

    /**
     * Adds what has just been started.
     *
     * @throws StoppedException if everything is being closed already; {@code resource} is closed then, too
     */
    public <T extends AutoCloseable> T add(String name, T resource) {
        synchronized (this) {
            if (!closed) {
                started.push(new Entry(name, resource));
                return resource;
            }
        }
        close(new Entry(name, resource));
        throw new StoppedException();
    }

    @Override
    public synchronized void close() {
        closed = true;
        while (!started.isEmpty()) {
            close(started.pop());
        }
    }

    private static void close(Entry entry) {
        try {
            log.info("stopping {}", entry.name());
            entry.resource().close();
        } catch (Exception e) {
            log.error("{} does not stop in order", entry.name(), e);
        }
    }

    /** Told to stop while still starting. */
    public static final class StoppedException extends RuntimeException {

        StoppedException() {
            super("told to stop while starting");
        }
    }
}
