package dev.quipforge.gateway.saga;

import dev.quipforge.gateway.cleanup.Intermediates;
import dev.quipforge.gateway.event.Events;
import dev.quipforge.gateway.job.JobLifecycle;
import dev.quipforge.gateway.job.JobViews;
import dev.quipforge.gateway.job.Jobs;
import dev.quipforge.gateway.outbox.Outbox;
import dev.quipforge.gateway.registry.Registry;
import dev.quipforge.gateway.task.TaskQueries;
import dev.quipforge.gateway.task.Tasks;
import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.transaction.support.TransactionOperations;

/** The saga. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(SagaProperties.class)
@Import(KafkaConfiguration.class)
public class SagaConfiguration {

    @Bean
    Journal journal(Jobs jobs, TaskQueries queries, JobViews views, Events events, Clock clock) {
        return new Journal(jobs, queries, views, events, clock);
    }

    @Bean
    Dispatcher dispatcher(Tasks tasks, TaskQueries queries, Outbox outbox, Journal journal) {
        return new Dispatcher(tasks, queries, outbox, journal);
    }

    @Bean
    Ending ending(Jobs jobs, Tasks tasks, TaskQueries queries, Outbox outbox, Journal journal) {
        return new Ending(jobs, tasks, queries, outbox, journal);
    }

    @Bean
    Registration registration(Registry registry, Intermediates intermediates, TaskQueries queries, Clock clock) {
        return new Registration(registry, intermediates, queries, clock);
    }

    @Bean
    Advance advance(Jobs jobs, Dispatcher dispatcher, Ending ending, Registration registration, Journal journal) {
        return new Advance(jobs, dispatcher, ending, registration, journal);
    }

    @Bean
    Retries retries(Tasks tasks, Dispatcher dispatcher, Ending ending, SagaProperties properties) {
        return new Retries(tasks, dispatcher, ending, properties);
    }

    @Bean
    TaskProgression taskProgression(
            Jobs jobs, Tasks tasks, TaskQueries queries, Journal journal, Advance advance, Retries retries) {
        return new TaskProgression(jobs, tasks, queries, journal, advance, retries);
    }

    @Bean
    TaskEvents taskEventIntake(
            Jobs jobs,
            TaskQueries queries,
            TaskProgression progression,
            Retries retries,
            Ending ending,
            TransactionOperations transaction) {
        return new TaskEvents(jobs, queries, progression, retries, ending, transaction);
    }

    @Bean
    JobLifecycle jobSaga(
            Jobs jobs, Dispatcher dispatcher, Ending ending, Journal journal, TransactionOperations transaction) {
        return new JobSaga(jobs, dispatcher, ending, journal, transaction);
    }

    @Bean
    Watchdog watchdog(TaskQueries queries, TaskEvents events, SagaProperties properties, Clock clock) {
        return new Watchdog(queries, events, properties, clock);
    }
}
