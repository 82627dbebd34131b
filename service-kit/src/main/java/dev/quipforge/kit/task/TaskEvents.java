package dev.quipforge.kit.task;

import dev.quipforge.contracts.TaskEvent;

/** The way of events to the gateway. */
@FunctionalInterface
interface TaskEvents {

    /**
     * Sends an event and waits until the broker has it.
     *
     * @throws RuntimeException when the broker does not take it
     */
    void send(TaskEvent event);
}
