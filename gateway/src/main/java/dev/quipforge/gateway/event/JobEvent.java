package dev.quipforge.gateway.event;

import dev.quipforge.gateway.job.JobFailure;
import dev.quipforge.gateway.job.JobState;
import dev.quipforge.gateway.job.TaskView;
import dev.quipforge.gateway.plan.Stage;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to a job, with how far the job was then. The data of a server-sent event.
 *
 * @param job the job
 * @param at when, by the gateway's clock
 * @param state the job's state
 * @param stage the job's stage
 * @param fraction done of the job, 0 to 1
 * @param etaSeconds estimate of the time it still takes; null when unknown
 * @param task the task it happened to; null when it happened to the job
 * @param failure why the job failed; null unless it did
 */
@Schema(name = "JobEvent")
public record JobEvent(
        UUID job,
        Instant at,
        JobState state,
        @Schema(type = "string", example = "quantize") Stage stage,
        @Schema(example = "0.42") double fraction,
        @Schema(example = "93.5") @Nullable Double etaSeconds,
        @Nullable TaskView task,
        @Nullable JobFailure failure) {}
