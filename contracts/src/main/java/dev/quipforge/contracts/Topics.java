package dev.quipforge.contracts;

/** The topics that are not work queues. */
public enum Topics {
    /** {@link TaskEvent}s from the workers to the gateway, keyed by job. */
    TASK_EVENTS("quipforge.task-events"),
    /** {@link JobControl} from the gateway to every worker, keyed by job. */
    JOB_CONTROL("quipforge.job-control");

    private final String topic;

    Topics(String topic) {
        this.topic = topic;
    }

    /** The Kafka topic. */
    public String topic() {
        return topic;
    }
}
