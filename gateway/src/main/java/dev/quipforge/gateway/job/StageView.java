package dev.quipforge.gateway.job;

import dev.quipforge.gateway.plan.Stage;
import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A stage of a job in the API.
 *
 * @param stage its name
 * @param state where it is
 * @param total tasks known so far; 0 until the model is imported
 * @param done tasks that succeeded
 * @param failed tasks that failed for good
 * @param fraction work done, 0 to 1
 * @param seconds from its first task's start to its last task's end, or to now; null before
 * @param etaSeconds estimate of the time it still takes; null when nothing was measured yet
 */
@Schema(name = "Stage")
public record StageView(
        @Schema(type = "string", example = "quantize") Stage stage,
        State state,
        @Schema(example = "24") int total,
        @Schema(example = "10") int done,
        @Schema(example = "0") int failed,
        @Schema(example = "0.42") double fraction,
        @Schema(example = "61.5") @Nullable Double seconds,
        @Schema(example = "84.9") @Nullable Double etaSeconds) {

    /** Where a stage is. */
    @Schema(name = "StageState")
    public enum State {
        /** Nothing of it has started. */
        WAITING,
        /** Something of it has started. */
        RUNNING,
        /** All of it is done. */
        SUCCEEDED,
        /** A task of it failed for good. */
        FAILED,
        /** The job ended before it was done. */
        CANCELLED
    }
}
