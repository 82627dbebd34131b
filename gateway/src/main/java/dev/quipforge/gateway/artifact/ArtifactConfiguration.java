package dev.quipforge.gateway.artifact;

import dev.quipforge.kit.artifact.ArtifactStore;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The files of finished jobs. */
@Configuration(proxyBeanMethods = false)
@Import(ArtifactController.class)
public class ArtifactConfiguration {

    @Bean
    Checkpoints checkpoints(ArtifactStore store) {
        return new Checkpoints(store);
    }
}
