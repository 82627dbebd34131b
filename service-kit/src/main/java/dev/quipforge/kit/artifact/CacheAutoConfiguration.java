package dev.quipforge.kit.artifact;

import java.time.Clock;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** The local cache of whoever names a directory for it. */
@AutoConfiguration(after = ArtifactAutoConfiguration.class)
@ConditionalOnProperty({"quipforge.artifacts.endpoint", "quipforge.cache.directory"})
@EnableConfigurationProperties(CacheProperties.class)
public class CacheAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    ArtifactCache artifactCache(ArtifactStore store, CacheProperties properties) {
        return new ArtifactCache(store, properties, Clock.systemUTC());
    }
}
