package dev.quipforge.gateway.job;

import dev.quipforge.contracts.Failure;
import dev.quipforge.gateway.plan.Stage;
import dev.quipforge.gateway.task.TaskRecord;
import dev.quipforge.gateway.task.TaskState;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A task in the API. What speaks of an attempt speaks of the one in force.
 *
 * @param id the task
 * @param stage the stage it belongs to
 * @param type kind of work, such as {@code QuantizeGroup}
 * @param label for people
 * @param state where it is in its life
 * @param attempt number of the attempt; 0 before the first
 * @param worker who has it
 * @param fraction done, 0 to 1
 * @param detail what the worker is doing
 * @param startedAt when a worker took it
 * @param finishedAt when it ended
 * @param seconds time the worker spent
 * @param failure why it failed
 */
@Schema(name = "Task")
public record TaskView(
        UUID id,
        @Schema(type = "string", example = "quantize") Stage stage,
        @Schema(example = "QuantizeGroup") String type,
        @Schema(example = "quantize block 3 attention-in") String label,
        TaskState state,
        int attempt,
        @Schema(example = "quantizer-1") @Nullable String worker,
        @Schema(example = "0.42") double fraction,

        @Schema(example = "model.layers.3.self_attn.q_proj, row tile 10 of 24") @Nullable
        String detail,

        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        @Nullable Double seconds,
        @Nullable Failure failure) {

    /** The task as the API shows it. */
    public static TaskView of(TaskRecord task) {
        return new TaskView(
                task.id(),
                task.outline().stage(),
                task.outline().type(),
                task.outline().label(),
                task.state(),
                task.attempt().number(),
                task.attempt().worker(),
                task.fraction(),
                task.detail(),
                task.attempt().startedAt(),
                task.attempt().finishedAt(),
                task.attempt().seconds(),
                task.attempt().failure());
    }
}
