package dev.quipforge.contracts;

import java.util.UUID;

/**
 * Command to every worker: stop working on a job, as soon as the task at hand allows.
 *
 * @param job the cancelled job
 */
public record JobControl(UUID job) {}
