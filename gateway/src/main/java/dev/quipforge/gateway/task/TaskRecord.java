package dev.quipforge.gateway.task;

import dev.quipforge.gateway.plan.TaskOutline;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A task of a job.
 *
 * @param id the same in every attempt
 * @param job the job it belongs to
 * @param outline what it is
 * @param state where it is in its life
 * @param fraction done in the attempt in force, 0 to 1
 * @param detail what the worker is doing, in its own words; null before it said
 * @param attempt the attempt in force
 */
public record TaskRecord(
        UUID id,
        UUID job,
        TaskOutline outline,
        TaskState state,
        double fraction,
        @Nullable String detail,
        Attempt attempt) {}
