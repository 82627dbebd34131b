package dev.quipforge.kit.task;

import dev.quipforge.contracts.JobControl;
import dev.quipforge.kit.artifact.ArtifactAutoConfiguration;
import dev.quipforge.kit.artifact.ArtifactStore;
import dev.quipforge.kit.compute.ComputeProperties;
import dev.quipforge.kit.json.ContractsJson;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.cloud.stream.function.StreamBridge;
import org.springframework.context.annotation.Bean;
import org.springframework.kafka.config.TopicBuilder;
import org.springframework.kafka.core.KafkaAdmin;
import tools.jackson.core.JacksonException;

/** Makes the {@link Workers} of a service that names its work queue in {@code quipforge.worker.queue} take tasks. */
@AutoConfiguration(after = {KafkaAutoConfiguration.class, ArtifactAutoConfiguration.class})
@ConditionalOnProperty("quipforge.worker.queue")
@EnableConfigurationProperties({WorkerProperties.class, ComputeProperties.class})
public class WorkerAutoConfiguration {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerAutoConfiguration.class);

    @Bean
    @ConditionalOnMissingBean
    Clock clock() {
        return Clock.systemUTC();
    }

    @Bean
    KafkaAdmin.NewTopics workTopic(WorkerProperties properties) {
        return new KafkaAdmin.NewTopics(TopicBuilder.name(properties.queue().topic())
                .partitions(properties.partitions())
                .build());
    }

    @Bean
    @ConditionalOnBean(ArtifactStore.class)
    TaskResults taskResults(ArtifactStore store) {
        return new TaskResults(store);
    }

    @Bean
    CancelledJobs cancelledJobs() {
        return new CancelledJobs();
    }

    /** What the gateway says to every worker; bound by {@code quipforge-worker.yml}. */
    @Bean
    Consumer<byte[]> jobControl(CancelledJobs cancelled) {
        return message -> {
            try {
                JobControl control = ContractsJson.mapper().readValue(message, JobControl.class);
                cancelled.add(control.job());
                LOG.debug("job cancelled: job={}", control.job());
            } catch (JacksonException e) {
                LOG.error("not a job control, skipped: reason={}", e.getOriginalMessage());
            }
        };
    }

    @Bean
    HealthContributor workerHealthContributor(WorkConsumers consumers) {
        return consumers.health();
    }

    /** One thread a worker, so that none waits for the events of another. */
    @Bean(destroyMethod = "shutdownNow")
    ScheduledExecutorService progressTimer(Workers workers) {
        return Executors.newScheduledThreadPool(
                workers.count(),
                Thread.ofPlatform().daemon().name("task-progress-", 0).factory());
    }

    @Bean
    TaskRunners taskRunners(
            ObjectProvider<TaskHandler<?>> shared,
            TaskRun.Reporting reporting,
            CancelledJobs cancelled,
            ObjectProvider<FailureTranslator> translators,
            ObjectProvider<MeterRegistry> meters) {
        return new TaskRunners(
                shared.orderedStream().toList(),
                reporting,
                cancelled,
                new Failures(translators.orderedStream().toList()),
                new TaskMetrics(meters.getIfAvailable(SimpleMeterRegistry::new)));
    }

    @Bean
    TaskRun.Reporting reporting(WorkerProperties properties, StreamBridge bridge, Clock clock) {
        return new TaskRun.Reporting(
                new StreamTaskEvents(bridge),
                workerName(properties),
                clock,
                properties.progressInterval(),
                properties.heartbeatInterval());
    }

    @Bean
    WorkConsumers workConsumers(
            WorkerProperties properties,
            KafkaProperties kafka,
            Workers workers,
            TaskRunners runners,
            ScheduledExecutorService progressTimer) {
        String topic = properties.queue().topic();
        Duration grace = properties.shutdownGrace();
        ShareGroups group = new ShareGroups(topic, kafka.buildConsumerProperties(), kafka.buildAdminProperties());
        Map<String, WorkConsumer> consumers = new LinkedHashMap<>();
        workers.handlers().forEach((device, own) -> {
            TaskRunner runner = workers.count() == 1 ? runners.only(own) : runners.oneOfSeveral(device, own);
            consumers.put(device, new WorkConsumer(topic, group, runner, progressTimer, grace, new WorkerState()));
        });
        return new WorkConsumers(consumers, grace.plusSeconds(20));
    }

    private static String workerName(WorkerProperties properties) {
        if (!properties.name().isBlank()) {
            return properties.name();
        }
        String queue = properties.queue().name().toLowerCase(Locale.ROOT);
        try {
            return queue + "@" + InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return queue + "@" + ProcessHandle.current().pid();
        }
    }
}
