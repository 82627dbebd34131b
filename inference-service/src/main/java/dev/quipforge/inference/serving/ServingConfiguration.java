package dev.quipforge.inference.serving;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.kit.artifact.ArtifactCache;
import dev.quipforge.kit.artifact.ArtifactStore;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The beans of this package. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ServingProperties.class)
public class ServingConfiguration {

    @Bean
    ModelCatalog modelCatalog(ArtifactStore store) {
        return new ModelCatalog(store);
    }

    @Bean
    LoadedModels loadedModels(
            ModelCatalog catalog, ArtifactCache cache, ComputeBackend backend, ServingProperties properties) {
        return new LoadedModels(catalog, cache, backend, properties);
    }
}
