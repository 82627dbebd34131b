package dev.quipforge.gateway.cleanup;

import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How long intermediate artifacts are kept: hidden states of the originals, and checkpoints of interrupted trainings.
 *
 * @param retention how long hidden states, and checkpoints of interrupted trainings, outlive the last job that used them
 * @param interval how often those whose time is over are looked for
 */
@Validated
@ConfigurationProperties("quipforge.cleanup")
record CleanupProperties(
        @DefaultValue("1d") @DurationMin(seconds = 0) Duration retention,
        @DefaultValue("10m") @DurationMin(seconds = 1) Duration interval) {}
