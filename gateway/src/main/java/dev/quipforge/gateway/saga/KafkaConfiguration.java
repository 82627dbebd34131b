package dev.quipforge.gateway.saga;

import dev.quipforge.contracts.TaskEvent;
import dev.quipforge.contracts.Topics;
import dev.quipforge.contracts.WorkQueue;
import dev.quipforge.kit.json.ContractsJson;
import java.util.Arrays;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.cloud.stream.binder.kafka.ListenerContainerWithDlqAndRetryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.config.TopicBuilder;
import org.springframework.kafka.core.KafkaAdmin;
import org.springframework.kafka.listener.AbstractMessageListenerContainer;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.util.backoff.BackOff;
import org.springframework.util.backoff.ExponentialBackOff;
import tools.jackson.core.JacksonException;

/** Kafka: the topics, and the events that come in. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(TopicProperties.class)
class KafkaConfiguration {

    private static final Logger log = LoggerFactory.getLogger(KafkaConfiguration.class);
    private static final long FIRST_WAIT_MILLIS = 200;
    private static final long LONGEST_WAIT_MILLIS = 10_000;

    @Bean
    KafkaAdmin.NewTopics topics(TopicProperties properties) {
        Stream<NewTopic> work = Arrays.stream(WorkQueue.values())
                .map(queue -> topic(queue.topic(), properties.workPartitions(), properties));
        Stream<NewTopic> others = Stream.of(
                topic(Topics.TASK_EVENTS.topic(), properties.eventPartitions(), properties),
                topic(Topics.JOB_CONTROL.topic(), 1, properties));
        return new KafkaAdmin.NewTopics(Stream.concat(work, others).toArray(NewTopic[]::new));
    }

    private static NewTopic topic(String name, int partitions, TopicProperties properties) {
        return TopicBuilder.name(name)
                .partitions(partitions)
                .replicas(properties.replicas())
                .build();
    }

    /** Events of all workers. What cannot be read is no event of this version and is passed over. */
    @Bean
    Consumer<byte[]> taskEvents(TaskEvents events) {
        return message -> {
            TaskEvent event;
            try {
                event = ContractsJson.mapper().readValue(message, TaskEvent.class);
            } catch (JacksonException e) {
                log.error("unreadable task event passed over: {}", e.getOriginalMessage());
                return;
            }
            events.accept(event);
        };
    }

    /** An event that could not be taken in, for want of the database, is taken again until it can. */
    @Bean
    ListenerContainerWithDlqAndRetryCustomizer untilItSucceeds() {
        return new ListenerContainerWithDlqAndRetryCustomizer() {
            @Override
            public void configure(
                    AbstractMessageListenerContainer<?, ?> container,
                    String destination,
                    String group,
                    @Nullable BiFunction<ConsumerRecord<?, ?>, Exception, TopicPartition> deadLetters,
                    @Nullable BackOff backOff) {
                ExponentialBackOff forever = new ExponentialBackOff(FIRST_WAIT_MILLIS, 2);
                forever.setMaxInterval(LONGEST_WAIT_MILLIS);
                container.setCommonErrorHandler(new DefaultErrorHandler(forever));
            }

            @Override
            public boolean retryAndDlqInBinding(String destination, String group) {
                return false;
            }
        };
    }
}
