package dev.quipforge.gateway.outbox;

import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.cloud.stream.function.StreamBridge;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** The outbox and its relay. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(OutboxProperties.class)
public class OutboxConfiguration {

    @Bean
    Outbox outbox(JdbcClient database, Clock clock) {
        return new Outbox(database, clock);
    }

    @Bean
    OutboxRelay outboxRelay(
            Outbox outbox,
            StreamBridge bridge,
            TransactionOperations transaction,
            OutboxProperties properties,
            Clock clock) {
        return new OutboxRelay(outbox, bridge, transaction, properties, clock);
    }
}
