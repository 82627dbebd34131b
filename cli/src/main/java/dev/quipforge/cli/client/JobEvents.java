package dev.quipforge.cli.client;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Tells when something has happened to a job. It listens to the job's events; when the connection breaks it connects again and
 * resumes after the last event it has seen.
 */
public final class JobEvents implements AutoCloseable {

    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final JobClient client;
    private final String job;
    private final Semaphore news = new Semaphore(0);
    private final Thread listener;
    private volatile boolean closed;

    /** Starts listening to the events of {@code job}. */
    public JobEvents(JobClient client, String job) {
        this.client = client;
        this.job = job;
        this.listener = Thread.ofVirtual().name("events of " + job).start(this::listen);
    }

    /** Waits until something has happened since the last call, at most for {@code patience}. */
    public void await(Duration patience) throws InterruptedException {
        if (news.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            news.drainPermits();
        }
    }

    @Override
    public void close() {
        closed = true;
        listener.interrupt();
    }

    private void listen() {
        String lastId = "";
        while (!closed) {
            try {
                lastId = listenOnce(lastId);
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private String listenOnce(String lastId) throws InterruptedException {
        String last = lastId;
        try (ServerSentEvents events = new ServerSentEvents(client.events(job, lastId), lastId)) {
            for (ServerSentEvents.Event event = events.next(); event != null; event = events.next()) {
                last = event.id();
                news.release();
            }
        } catch (IOException e) {
            // Broken off or refused: whoever waits looks at the job itself from time to time, and sees what is wrong
            // there.
            news.release();
        }
        return last;
    }
}
