package dev.quipforge.kit.task;

import dev.quipforge.contracts.Failure;
import dev.quipforge.contracts.Task;
import dev.quipforge.contracts.TaskCommand;
import dev.quipforge.contracts.TaskEvent;
import dev.quipforge.contracts.TaskEvent.TaskCancelled;
import dev.quipforge.contracts.TaskEvent.TaskFailed;
import dev.quipforge.contracts.TaskEvent.TaskStarted;
import dev.quipforge.contracts.TaskEvent.TaskSucceeded;
import dev.quipforge.contracts.TaskResult;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does one task from its first event to its last. Whatever a handler throws becomes an event; the worker stays up. */
final class TaskRunner {

    private static final Logger LOG = LoggerFactory.getLogger(TaskRunner.class);

    private final Map<Class<? extends Task>, TaskHandler<?>> handlers = new HashMap<>();
    private final TaskRun.Reporting reporting;
    private final CancelledJobs cancelled;
    private final Failures failures;
    private final TaskMetrics metrics;

    /** A runner with one handler for each kind of task. */
    TaskRunner(
            List<TaskHandler<?>> handlers,
            TaskRun.Reporting reporting,
            CancelledJobs cancelled,
            Failures failures,
            TaskMetrics metrics) {
        for (TaskHandler<?> handler : handlers) {
            TaskHandler<?> other = this.handlers.put(handler.type(), handler);
            if (other != null) {
                throw new IllegalStateException("%s: handled by %s and %s (expected: one handler)"
                        .formatted(handler.type().getSimpleName(), other, handler));
            }
        }
        this.reporting = reporting;
        this.cancelled = cancelled;
        this.failures = failures;
        this.metrics = metrics;
    }

    /** The name of the worker in events. */
    String worker() {
        return reporting.worker();
    }

    /** A run of the command, not started yet. */
    TaskRun prepare(TaskCommand command) {
        return new TaskRun(command, reporting, () -> cancelled.contains(command.job()));
    }

    /**
     * Does the task.
     *
     * @return whether its last event has reached the broker; if not, the task must be given back
     */
    boolean run(TaskRun run, ScheduledExecutorService timer) {
        Instant start = reporting.clock().instant();
        TaskCommand command = run.command();
        if (!sent(run, new TaskStarted(command.job(), command.task(), command.attempt(), reporting.worker(), start))) {
            return false;
        }
        Optional<TaskEvent> last;
        metrics.started();
        try {
            run.startTicking(timer);
            try {
                last = Optional.of(succeeded(command, handle(command.work(), run), start));
            } finally {
                run.stopTicking();
            }
        } catch (Throwable e) {
            last = ending(run, e);
        } finally {
            metrics.ended();
        }
        last.ifPresent(event -> measure(run, event, start));
        return last.filter(event -> sent(run, event)).isPresent();
    }

    private TaskResult handle(Task work, TaskRun run) throws IOException {
        run.throwIfCancelled();
        TaskHandler<?> handler = handlers.get(work.getClass());
        if (handler == null) {
            throw new TaskFaultException(new Failure(
                    Failure.Code.INTERNAL,
                    null,
                    "%s: not a task of this worker (expected: %s)"
                            .formatted(
                                    work.getClass().getSimpleName(),
                                    handlers.keySet().stream()
                                            .map(Class::getSimpleName)
                                            .sorted()
                                            .toList())));
        }
        return handle(handler, work, run);
    }

    private static <T extends Task> TaskResult handle(TaskHandler<T> handler, Task work, TaskRun run)
            throws IOException {
        return handler.handle(handler.type().cast(work), run);
    }

    private TaskEvent succeeded(TaskCommand command, TaskResult result, Instant start) {
        Instant end = reporting.clock().instant();
        return new TaskSucceeded(
                command.job(), command.task(), command.attempt(), reporting.worker(), end, result, seconds(start, end));
    }

    /** The last event of a run that did not succeed; none when the task goes back to the queue. */
    private Optional<TaskEvent> ending(TaskRun run, Throwable thrown) {
        TaskCommand command = run.command();
        Instant end = reporting.clock().instant();
        if (run.isCancelled()) {
            return Optional.of(
                    new TaskCancelled(command.job(), command.task(), command.attempt(), reporting.worker(), end));
        }
        if (run.isStopped()) {
            return Optional.empty();
        }
        Failure failure = failures.of(thrown);
        if (failure.code() == Failure.Code.INTERNAL) {
            LOG.error("task failed: job={} task={}", command.job(), command.task(), thrown);
        }
        return Optional.of(
                new TaskFailed(command.job(), command.task(), command.attempt(), reporting.worker(), end, failure));
    }

    private void measure(TaskRun run, TaskEvent event, Instant start) {
        double seconds = seconds(start, event.at());
        String kind = run.command().work().getClass().getSimpleName();
        LOG.info(
                "{}: kind={} job={} task={} attempt={} seconds={}{}",
                outcome(event),
                kind,
                event.job(),
                event.task(),
                event.attempt(),
                seconds,
                event instanceof TaskFailed failed
                        ? " reason=\"" + failed.failure().message() + "\""
                        : "");
        metrics.record(kind, outcome(event), seconds);
    }

    private static boolean sent(TaskRun run, TaskEvent event) {
        try {
            run.report(event);
            return true;
        } catch (RuntimeException e) {
            LOG.warn("event not sent, the task goes back: task={} reason={}", event.task(), e.toString());
            return false;
        }
    }

    private static String outcome(TaskEvent event) {
        return switch (event) {
            case TaskSucceeded _ -> "succeeded";
            case TaskFailed _ -> "failed";
            case TaskCancelled _ -> "cancelled";
            case TaskStarted _, TaskEvent.TaskProgressed _ -> "running";
        };
    }

    private static double seconds(Instant start, Instant end) {
        return Duration.between(start, end).toMillis() / 1000.0;
    }
}
