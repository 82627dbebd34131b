package dev.quipforge.kit.artifact;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** The artifact store of whoever names its address. */
@AutoConfiguration
@ConditionalOnProperty("quipforge.artifacts.endpoint")
@EnableConfigurationProperties(ArtifactProperties.class)
public class ArtifactAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(ArtifactStore.class)
    S3ArtifactStore artifactStore(ArtifactProperties properties) {
        return S3ArtifactStore.connect(properties);
    }
}
