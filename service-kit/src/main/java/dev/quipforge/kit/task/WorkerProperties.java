package dev.quipforge.kit.task;

import dev.quipforge.contracts.WorkQueue;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How this worker takes tasks.
 *
 * @param queue the work queue it takes them from
 * @param name its name in events; the name of the host when empty
 * @param progressInterval progress is reported at most this often
 * @param heartbeatInterval progress is reported at least this often, even if there is none
 * @param shutdownGrace how long a handler may take to stop before its task is given back without it
 * @param partitions partitions of the work topic, if this worker is the first to need it
 */
@Validated
@ConfigurationProperties("quipforge.worker")
public record WorkerProperties(
        @NotNull WorkQueue queue,
        @DefaultValue("") String name,
        @DefaultValue("500ms") @DurationMin(millis = 10) Duration progressInterval,
        @DefaultValue("5s") @DurationMin(millis = 10) Duration heartbeatInterval,
        @DefaultValue("10s") Duration shutdownGrace,
        @DefaultValue("1") @Positive int partitions) {}
