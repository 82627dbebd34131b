package dev.quipforge.gateway.route;

import jakarta.validation.constraints.NotNull;
import java.net.URI;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Where other services are.
 *
 * @param uri address of the inference service, which answers {@code /v1/**}
 */
@Validated
@ConfigurationProperties("quipforge.inference")
record RouteProperties(
        @DefaultValue("http://localhost:8084") @NotNull URI uri) {}
