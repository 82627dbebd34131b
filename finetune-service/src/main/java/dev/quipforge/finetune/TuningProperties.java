package dev.quipforge.finetune;

import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How trainings run on this worker.
 *
 * @param checkpointInterval time between two checkpoints of a training, at least: they are rarer where storing one takes
 *     long. Zero for one after every step
 */
@Validated
@ConfigurationProperties("quipforge.tuning")
record TuningProperties(@NotNull @DefaultValue("2m") Duration checkpointInterval) {}
