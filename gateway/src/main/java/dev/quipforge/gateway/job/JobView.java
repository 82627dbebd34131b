package dev.quipforge.gateway.job;

import dev.quipforge.gateway.plan.Stage;
import dev.quipforge.gateway.request.JobRequest;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A job in the API.
 *
 * @param id its name in the API
 * @param name its name for people
 * @param state where it is in its life
 * @param stage the first stage that is not done
 * @param createdAt when it was submitted
 * @param startedAt when a worker first took a task of it
 * @param finishedAt when it ended
 * @param request what was asked for, with the defaults filled in
 * @param fraction done, 0 to 1
 * @param etaSeconds estimate of the time it still takes; null when unknown and after the end
 * @param stages its stages, in order
 * @param failure why it failed; null unless it did
 */
@Schema(name = "Job")
public record JobView(
        UUID id,
        @Schema(example = "demo at 2 bits") String name,
        JobState state,
        @Schema(type = "string", example = "quantize") Stage stage,
        Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        JobRequest request,
        @Schema(example = "0.42") double fraction,
        @Schema(example = "93.5") @Nullable Double etaSeconds,
        List<StageView> stages,
        @Nullable JobFailure failure) {

    public JobView {
        stages = List.copyOf(stages);
    }

    /** The job as the API shows it. */
    static JobView of(Job job, JobProgress progress) {
        return new JobView(
                job.id(),
                job.request().name(),
                job.state(),
                job.stage(),
                job.times().createdAt(),
                job.times().startedAt(),
                job.times().finishedAt(),
                job.request(),
                progress.fraction(),
                progress.etaSeconds(),
                progress.stages(),
                job.failure());
    }
}
