package dev.quipforge.kit.task;

import dev.quipforge.contracts.TaskCommand;
import dev.quipforge.contracts.TaskEvent;
import dev.quipforge.contracts.TaskEvent.TaskProgressed;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt at a task. The handler only leaves its latest progress here; a ticker sends it, so that no handler waits for
 * the broker, progress comes at most once a tick, and silence becomes a heartbeat.
 */
final class TaskRun implements TaskContext {

    private static final Logger LOG = LoggerFactory.getLogger(TaskRun.class);

    private final TaskCommand command;
    private final Reporting reporting;
    private final BooleanSupplier cancelled;
    private volatile Progress latest = new Progress(0, "started");
    private volatile boolean stopped;
    private Progress sent = latest;
    private Instant sentAt;
    private @Nullable ScheduledFuture<?> ticker;

    TaskRun(TaskCommand command, Reporting reporting, BooleanSupplier cancelled) {
        this.command = command;
        this.reporting = reporting;
        this.cancelled = cancelled;
        this.sentAt = reporting.clock().instant();
    }

    TaskCommand command() {
        return command;
    }

    @Override
    public void progress(double fraction, String detail) {
        throwIfCancelled();
        latest = new Progress(Math.clamp(fraction, 0, 1), detail);
    }

    @Override
    public void throwIfCancelled() {
        if (stopped) {
            throw new TaskStoppedException("the worker shuts down");
        }
        if (cancelled.getAsBoolean()) {
            throw new TaskStoppedException("job " + command.job() + " was cancelled");
        }
    }

    /** Whether the job of this task was cancelled. */
    boolean isCancelled() {
        return cancelled.getAsBoolean();
    }

    /** Makes the handler end, because the task is to be given back. */
    void stop() {
        stopped = true;
    }

    /** Whether {@link #stop} was called. */
    boolean isStopped() {
        return stopped;
    }

    /** Starts to report progress. */
    synchronized void startTicking(ScheduledExecutorService timer) {
        long interval = reporting.interval().toMillis();
        ticker = timer.scheduleWithFixedDelay(this::tick, interval, interval, TimeUnit.MILLISECONDS);
    }

    /** Ends the reports; when this returns none is under way and none will follow. */
    synchronized void stopTicking() {
        if (ticker != null) {
            ticker.cancel(false);
            ticker = null;
        }
    }

    private synchronized void tick() {
        Progress now = latest;
        Instant at = reporting.clock().instant();
        boolean silent = Duration.between(sentAt, at).compareTo(reporting.heartbeat()) >= 0;
        if (ticker == null || (now.equals(sent) && !silent)) {
            return;
        }
        try {
            reporting
                    .events()
                    .send(new TaskProgressed(
                            command.job(),
                            command.task(),
                            command.attempt(),
                            reporting.worker(),
                            at,
                            now.fraction(),
                            now.detail()));
        } catch (RuntimeException e) {
            LOG.warn("progress not reported: task={} reason={}", command.task(), e.toString());
        }
        sent = now;
        sentAt = at;
    }

    /** Sends an event that is not progress. */
    void report(TaskEvent event) {
        reporting.events().send(event);
    }

    private record Progress(double fraction, String detail) {}

    /**
     * How a worker reports.
     *
     * @param events where to
     * @param worker its name
     * @param clock its clock
     * @param interval between two reports, at least
     * @param heartbeat between two reports, at most
     */
    record Reporting(TaskEvents events, String worker, Clock clock, Duration interval, Duration heartbeat) {

        /** The same under another name. */
        Reporting by(String name) {
            return new Reporting(events, name, clock, interval, heartbeat);
        }
    }
}
