package dev.quipforge.inference.serving;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.kit.artifact.ArtifactCache;
import dev.quipforge.kit.artifact.ArtifactStore;
import dev.quipforge.kit.compute.Devices;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The beans of this package. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ServingProperties.class)
public class ServingConfiguration {

    @Bean
    @ConditionalOnProperty("quipforge.artifacts.endpoint")
    ModelCatalog storeCatalog(ArtifactStore store, ArtifactCache cache) {
        return new StoreCatalog(store, cache);
    }

    @Bean
    @ConditionalOnProperty("quipforge.serving.directories")
    ModelCatalog directoryCatalog(ServingProperties properties) {
        return new DirectoryCatalog(properties.directories());
    }

    @Bean
    LoadedModels loadedModels(ModelCatalog catalog, Devices<ComputeBackend> devices, ServingProperties properties) {
        return new LoadedModels(catalog, devices.first(), properties);
    }
}
