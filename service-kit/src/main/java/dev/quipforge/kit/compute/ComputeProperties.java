package dev.quipforge.kit.compute;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * What the mathematics runs on.
 *
 * @param backend {@code auto} for the best there is, or by name: {@code cuda}, {@code cuda:1} for the second GPU,
 *     {@code vector}, {@code scalar}; of several, as in {@code cuda:0,cuda:1}, or {@code cuda:all} for every GPU, each has
 *     a worker of its own in this process. One that cannot start is an error
 */
@Validated
@ConfigurationProperties("quipforge.compute")
public record ComputeProperties(
        @DefaultValue("auto") @NotEmpty List<@NotBlank String> backend) {

    /** The property that {@link #backend} comes from. */
    static final String BACKEND = "quipforge.compute.backend";

    public ComputeProperties {
        backend = List.copyOf(backend);
    }
}
