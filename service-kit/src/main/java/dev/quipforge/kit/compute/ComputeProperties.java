package dev.quipforge.kit.compute;

import jakarta.validation.constraints.NotBlank;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * What the mathematics runs on.
 *
 * @param backend {@code auto} for the best there is, or one by name: {@code cuda}, {@code vector}, {@code scalar}; a named
 *     one that cannot start is an error
 */
@Validated
@ConfigurationProperties("quipforge.compute")
public record ComputeProperties(
        @DefaultValue("auto") @NotBlank String backend) {}
