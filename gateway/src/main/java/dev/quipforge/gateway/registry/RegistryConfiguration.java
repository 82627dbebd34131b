package dev.quipforge.gateway.registry;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The registry of models. */
@Configuration(proxyBeanMethods = false)
@Import(ModelController.class)
public class RegistryConfiguration {

    @Bean
    Registry registry(JdbcClient database) {
        return new Registry(database);
    }
}
