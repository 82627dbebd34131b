package dev.quipforge.gateway.event;

import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The events and their streams. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(EventProperties.class)
@Import(EventController.class)
public class EventConfiguration {

    @Bean
    Events events(JdbcClient database) {
        return new Events(database);
    }

    @Bean
    EventStreams eventStreams(Events events, EventProperties properties, Clock clock) {
        return new EventStreams(events, properties, clock);
    }
}
