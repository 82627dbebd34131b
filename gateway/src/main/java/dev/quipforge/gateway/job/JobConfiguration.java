package dev.quipforge.gateway.job;

import dev.quipforge.gateway.task.TaskQueries;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The jobs and their resource. */
@Configuration(proxyBeanMethods = false)
@Import(JobController.class)
public class JobConfiguration {

    @Bean
    Jobs jobs(JdbcClient database, Clock clock) {
        return new Jobs(database, clock);
    }

    @Bean
    JobViews jobViews(TaskQueries tasks, Clock clock) {
        return new JobViews(tasks, clock);
    }
}
