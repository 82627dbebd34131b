package dev.quipforge.gateway.event;

import java.util.Locale;

/** Kinds of events; the name in the API is in lower case. */
public enum EventType {
    /** The job has come to another state or stage. The last event of a job is of this kind. */
    JOB,
    /** A task has come to another state or attempt. */
    TASK,
    /** A task goes on. */
    PROGRESS;

    String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
