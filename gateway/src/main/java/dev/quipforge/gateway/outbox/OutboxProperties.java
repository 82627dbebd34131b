package dev.quipforge.gateway.outbox;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The outbox.
 *
 * @param poll how often it is looked at
 * @param batch messages sent in one transaction
 * @param retention how long sent messages are kept for a person to look at
 */
@Validated
@ConfigurationProperties("quipforge.outbox")
record OutboxProperties(
        @DefaultValue("200ms") @DurationMin(millis = 10) Duration poll,
        @DefaultValue("100") @Min(1) @Max(1000) int batch,
        @DefaultValue("1d") @DurationMin(seconds = 0) Duration retention) {}
