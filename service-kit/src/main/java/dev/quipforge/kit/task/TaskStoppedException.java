package dev.quipforge.kit.task;

/** Ends a handler whose result nobody wants: its job was cancelled, or its worker shuts down. */
final class TaskStoppedException extends RuntimeException {

    TaskStoppedException(String message) {
        super(message);
    }
}
