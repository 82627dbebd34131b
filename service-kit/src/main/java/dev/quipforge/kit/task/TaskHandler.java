package dev.quipforge.kit.task;

import dev.quipforge.contracts.Task;
import dev.quipforge.contracts.TaskResult;
import java.io.IOException;

/**
 * Does one kind of task. A handler is a function: asked twice, it answers twice and computes once, because it looks for its
 * output in the artifact store first.
 *
 * @param <T> the kind of task
 */
public interface TaskHandler<T extends Task> {

    /** The kind of task that this handler does. */
    Class<T> type();

    /**
     * Does the task and stores what comes out of it.
     *
     * @throws TaskFaultException when the task cannot be done and the reason is known
     * @throws IOException when this worker's disk fails
     */
    TaskResult handle(T task, TaskContext context) throws IOException;
}
