package dev.quipforge.gateway.cleanup;

import dev.quipforge.kit.artifact.ArtifactStore;
import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** Intermediate artifacts and their end. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(CleanupProperties.class)
public class CleanupConfiguration {

    @Bean
    Intermediates intermediates(JdbcClient database) {
        return new Intermediates(database);
    }

    @Bean
    Sweeper sweeper(
            Intermediates intermediates,
            ArtifactStore store,
            TransactionOperations transaction,
            CleanupProperties properties,
            Clock clock) {
        return new Sweeper(intermediates, store, transaction, properties, clock);
    }
}
