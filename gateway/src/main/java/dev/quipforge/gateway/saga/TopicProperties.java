package dev.quipforge.gateway.saga;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The Kafka topics, which the gateway creates.
 *
 * @param workPartitions partitions of a work topic; any number serves any number of workers
 * @param eventPartitions partitions of the events; at most so many gateways read them at once
 * @param replicas copies of each partition
 */
@Validated
@ConfigurationProperties("quipforge.topics")
record TopicProperties(
        @DefaultValue("1") @Min(1) @Max(1000) int workPartitions,
        @DefaultValue("1") @Min(1) @Max(1000) int eventPartitions,
        @DefaultValue("1") @Min(1) @Max(10) short replicas) {}
