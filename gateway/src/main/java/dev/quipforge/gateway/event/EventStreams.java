package dev.quipforge.gateway.event;

import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Open event streams, each on a virtual thread that reads the table: what another gateway wrote is seen too, and a
 * stream that is resumed is no different from a new one.
 */
final class EventStreams implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(EventStreams.class);
    private static final int BATCH = 200;
    private static final long NO_TIMEOUT = 0;

    private final Events events;
    private final EventProperties properties;
    private final Clock clock;
    private volatile boolean running;

    EventStreams(Events events, EventProperties properties, Clock clock) {
        this.events = events;
        this.properties = properties;
        this.clock = clock;
    }

    /** Streams what happened to the job after the given event, until the job's last event is sent. */
    SseEmitter open(UUID job, long after, boolean ended) {
        SseEmitter emitter = new SseEmitter(NO_TIMEOUT);
        Thread.ofVirtual().name("events-" + job).start(() -> follow(emitter, job, after, ended));
        return emitter;
    }

    private void follow(SseEmitter emitter, UUID job, long after, boolean ended) {
        try {
            send(emitter, job, after, ended);
            emitter.complete();
        } catch (IOException | IllegalStateException e) {
            log.debug("the reader of job {} went away: {}", job, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            emitter.complete();
        } catch (RuntimeException e) {
            log.warn("event stream of job {} broke off; the reader may resume it", job, e);
            emitter.complete();
        }
    }

    private void send(SseEmitter emitter, UUID job, long after, boolean ended)
            throws IOException, InterruptedException {
        long seen = after;
        Instant lastSent = clock.instant();
        while (running) {
            List<Events.Recorded> batch = events.after(job, seen, BATCH);
            for (Events.Recorded event : batch) {
                emitter.send(SseEmitter.event()
                        .id(String.valueOf(event.sequence()))
                        .name(event.type())
                        .data(event.data(), MediaType.TEXT_PLAIN));
                seen = event.sequence();
            }
            if (batch.isEmpty() ? ended : batch.getLast().last()) {
                return;
            }
            if (!batch.isEmpty()) {
                lastSent = clock.instant();
            } else if (lastSent.plus(properties.keepAlive()).isBefore(clock.instant())) {
                emitter.send(SseEmitter.event().comment("still here"));
                lastSent = clock.instant();
            }
            Thread.sleep(properties.poll());
        }
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Streams end first, as the web server waits for open requests when it stops. */
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }
}
