package dev.quipforge.gateway.plan;

/**
 * What is known of a task before it can be sent.
 *
 * @param key unique within the job, such as {@code group/3/attention-in}
 * @param stage the stage it belongs to
 * @param type simple name of the command, such as {@code QuantizeGroup}
 * @param label for people, such as {@code quantize block 3 attention-in}
 * @param weight its part of the stage's work, in units that only compare within the stage
 */
public record TaskOutline(String key, Stage stage, String type, String label, double weight) {}
