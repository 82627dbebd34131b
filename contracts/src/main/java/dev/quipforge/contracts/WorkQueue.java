package dev.quipforge.contracts;

/** The work topics, one for each worker service. They are consumed through Kafka share groups of the same name. */
public enum WorkQueue {
    CALIBRATION("quipforge.calibration.tasks"),
    QUANTIZER("quipforge.quantizer.tasks"),
    FINETUNE("quipforge.finetune.tasks"),
    INFERENCE("quipforge.inference.tasks");

    private final String topic;

    WorkQueue(String topic) {
        this.topic = topic;
    }

    /** The Kafka topic of the queue. */
    public String topic() {
        return topic;
    }
}
