package dev.quipforge.kit.artifact;

import jakarta.validation.constraints.NotNull;
import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Where artifacts lie while they are worked on.
 *
 * @param directory the local directory; several workers may share it
 * @param size what is not in use is removed, least recently used first, when there is more than this
 */
@Validated
@ConfigurationProperties("quipforge.cache")
public record CacheProperties(
        @NotNull Path directory, @DefaultValue("64GB") DataSize size) {}
