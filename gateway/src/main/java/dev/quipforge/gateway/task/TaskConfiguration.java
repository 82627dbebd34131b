package dev.quipforge.gateway.task;

import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The tasks. */
@Configuration(proxyBeanMethods = false)
public class TaskConfiguration {

    @Bean
    Tasks tasks(JdbcClient database, Clock clock) {
        return new Tasks(database, clock);
    }

    @Bean
    TaskQueries taskQueries(JdbcClient database) {
        return new TaskQueries(database);
    }
}
