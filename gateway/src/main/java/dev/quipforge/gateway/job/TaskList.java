package dev.quipforge.gateway.job;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of the tasks of a job.
 *
 * @param tasks in the order of the plan
 * @param next what to pass as {@code after} for the page that follows; null on the last page
 */
@Schema(name = "TaskList")
record TaskList(
        List<TaskView> tasks,
        @Schema(example = "499") @Nullable String next) {

    TaskList {
        tasks = List.copyOf(tasks);
    }
}
