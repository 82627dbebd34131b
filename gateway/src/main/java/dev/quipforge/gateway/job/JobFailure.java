package dev.quipforge.gateway.job;

import dev.quipforge.contracts.Failure;
import dev.quipforge.gateway.plan.Stage;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Why a job failed.
 *
 * @param task the task, for people, such as {@code quantize block 3 attention-in}
 * @param taskId the task
 * @param stage the stage it belongs to
 * @param code kind of failure
 * @param place the file, tensor or field at fault, when there is one
 * @param message what was wrong and what to do
 */
public record JobFailure(
        @Schema(example = "import the model") String task,
        UUID taskId,
        @Schema(type = "string", example = "intake") Stage stage,
        Failure.Code code,

        @Schema(example = "model-00002-of-00003.safetensors") @Nullable
        String place,

        @Schema(example = "the shard is named in the index but is not there")
        String message) {}
