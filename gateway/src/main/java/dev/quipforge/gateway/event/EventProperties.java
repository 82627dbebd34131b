package dev.quipforge.gateway.event;

import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Event streams.
 *
 * @param poll how often an open stream looks for new events
 * @param keepAlive a comment is sent after this long without an event, so that proxies keep the connection
 */
@Validated
@ConfigurationProperties("quipforge.events")
record EventProperties(
        @DefaultValue("250ms") @DurationMin(millis = 10) Duration poll,
        @DefaultValue("15s") @DurationMin(millis = 100) Duration keepAlive) {}
