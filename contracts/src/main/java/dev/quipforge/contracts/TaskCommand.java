package dev.quipforge.contracts;

import java.util.UUID;

/**
 * A task on its way to a worker.
 *
 * @param job the job it belongs to
 * @param task the task; the same for every attempt
 * @param attempt 1 for the first; events of an older attempt are ignored
 * @param work what to do
 */
public record TaskCommand(UUID job, UUID task, int attempt, Task work) {}
