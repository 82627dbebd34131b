package dev.quipforge.gateway.cleanup;

import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How long intermediate artifacts are kept.
 *
 * @param retention how long sums of interrupted jobs, hidden states, and checkpoints of interrupted trainings,
 *     outlive the last job that used them
 * @param reuseRetention how long windows that models wrote, Hessians, codes and tuned weights, with which another job can begin,
 *     outlive the last job that used them
 * @param interval how often those whose time is over are looked for
 */
@Validated
@ConfigurationProperties("quipforge.cleanup")
record CleanupProperties(
        @DefaultValue("1d") @DurationMin(seconds = 0) Duration retention,
        @DefaultValue("30d") @DurationMin(seconds = 0) Duration reuseRetention,
        @DefaultValue("10m") @DurationMin(seconds = 1) Duration interval) {

    /** How long that kind is kept. */
    Duration of(Intermediate.Kind kind) {
        return switch (kind) {
            case PASSING -> retention;
            case REUSABLE -> reuseRetention;
        };
    }
}
