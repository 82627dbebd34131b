package dev.quipforge.gateway.job;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/**
 * The tasks of a job.
 *
 * @param tasks in the order of the plan
 */
@Schema(name = "TaskList")
record TaskList(List<TaskView> tasks) {

    TaskList {
        tasks = List.copyOf(tasks);
    }
}
