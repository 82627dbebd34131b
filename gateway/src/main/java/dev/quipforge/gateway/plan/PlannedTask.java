package dev.quipforge.gateway.plan;

import dev.quipforge.contracts.Task;
import dev.quipforge.contracts.TaskResult;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A task of a job with what must come before it.
 *
 * @param outline what it is
 * @param after keys of the tasks whose results it needs
 * @param command makes the command of the finished results, by key
 */
public record PlannedTask(TaskOutline outline, List<String> after, Function<Map<String, TaskResult>, Task> command) {

    public PlannedTask {
        after = List.copyOf(after);
    }

    /** Unique within the job. */
    public String key() {
        return outline.key();
    }

    /** Whether all that it needs is there. */
    public boolean isReady(Map<String, TaskResult> finished) {
        return finished.keySet().containsAll(after);
    }
}
