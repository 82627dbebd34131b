package dev.quipforge.inference.serving;

import jakarta.validation.constraints.Positive;
import java.nio.file.Path;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * How models are served.
 *
 * @param memory for weights, keys and values; the least recently used model is let go when another does not fit beside it
 * @param cache of that, for the keys and values of one model's texts, at most
 * @param maxTokens most tokens that a request may ask for
 * @param directories folders with the models to serve, where these do not come from the artifact store
 */
@Validated
@ConfigurationProperties("quipforge.serving")
public record ServingProperties(
        @DefaultValue("8GB") DataSize memory,
        @DefaultValue("1GB") DataSize cache,
        @DefaultValue("4096") @Positive int maxTokens,
        @DefaultValue List<Path> directories) {

    public ServingProperties {
        directories = List.copyOf(directories);
    }
}
