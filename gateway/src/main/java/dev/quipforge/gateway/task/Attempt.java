package dev.quipforge.gateway.task;

import dev.quipforge.contracts.Failure;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One try at a task. Moments are by the gateway's clock.
 *
 * @param number 1 for the first; 0 while the task was never sent
 * @param worker who took it; null before
 * @param startedAt when it was taken; null before
 * @param finishedAt when it ended; null before
 * @param seconds time the worker spent, by its own count; null before success
 * @param failure why it failed; null unless it did
 */
public record Attempt(
        int number,
        @Nullable String worker,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        @Nullable Double seconds,
        @Nullable Failure failure) {}
