package dev.quipforge.inference;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.inference.openai.OpenAiConfiguration;
import dev.quipforge.inference.serving.ServingConfiguration;
import dev.quipforge.kit.compute.ComputeProperties;
import dev.quipforge.kit.compute.Devices;
import java.time.Clock;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Completions without a worker, a broker or a store. The settings are in {@code quipforge-serve.yml}. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableConfigurationProperties(ComputeProperties.class)
@Import({ServingConfiguration.class, OpenAiConfiguration.class})
class ServeConfiguration {

    @Bean
    Devices<ComputeBackend> devices(ComputeProperties properties) {
        return Devices.open(properties, ComputeBackends::expand, ComputeBackends::named);
    }

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }
}
