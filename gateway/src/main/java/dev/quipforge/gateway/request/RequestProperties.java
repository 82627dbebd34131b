package dev.quipforge.gateway.request;

import java.nio.file.Path;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Limits of what clients may ask for.
 *
 * @param allowedRoots directories that models and texts may be read from; none by default
 */
@ConfigurationProperties("quipforge")
record RequestProperties(@DefaultValue List<Path> allowedRoots) {}
