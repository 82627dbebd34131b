package dev.quipforge.gateway.saga;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How patient the saga is.
 *
 * @param maxAttempts how often a task is tried before its job fails
 * @param retryDelay wait before the second attempt; each further wait is longer by as much
 * @param taskSilence a running task that is silent for this long is given to another worker; workers speak every 5 s
 * @param queuePatience a queued task is given up when nothing was heard of any worker of its queue for this long
 * @param watchInterval how often silence is looked for
 */
@Validated
@ConfigurationProperties("quipforge.saga")
record SagaProperties(
        @DefaultValue("3") @Min(1) @Max(100) int maxAttempts,
        @DefaultValue("5s") @DurationMin(millis = 0) Duration retryDelay,
        @DefaultValue("60s") @DurationMin(millis = 100) Duration taskSilence,
        @DefaultValue("1h") @DurationMin(millis = 100) Duration queuePatience,
        @DefaultValue("5s") @DurationMin(millis = 50) Duration watchInterval) {}
