package dev.quipforge.contracts;

import java.time.Instant;
import java.util.UUID;

/** What a worker says about a task: past tense, only data. */
public sealed interface TaskEvent {

    /** The job the task belongs to. */
    UUID job();

    /** The task. */
    UUID task();

    /** The attempt this speaks of. */
    int attempt();

    /** Name of the worker. */
    String worker();

    /** When, by the worker's clock. */
    Instant at();

    /** A worker has taken the task. */
    record TaskStarted(UUID job, UUID task, int attempt, String worker, Instant at) implements TaskEvent {}

    /**
     * The task goes on; also the heartbeat.
     *
     * @param fraction done so far, 0 to 1
     * @param detail what is being done, for a person
     */
    record TaskProgressed(UUID job, UUID task, int attempt, String worker, Instant at, double fraction, String detail)
            implements TaskEvent {}

    /**
     * The result is in the artifact store.
     *
     * @param result what came out
     * @param seconds time the worker spent; near zero when the result was already there
     */
    record TaskSucceeded(UUID job, UUID task, int attempt, String worker, Instant at, TaskResult result, double seconds)
            implements TaskEvent {}

    /** The task cannot be done, or not now. */
    record TaskFailed(UUID job, UUID task, int attempt, String worker, Instant at, Failure failure)
            implements TaskEvent {}

    /** The worker stopped because the job was cancelled. */
    record TaskCancelled(UUID job, UUID task, int attempt, String worker, Instant at) implements TaskEvent {}
}
