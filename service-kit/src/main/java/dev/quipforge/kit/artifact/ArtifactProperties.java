package dev.quipforge.kit.artifact;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.net.URI;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Where the artifact store is.
 *
 * @param endpoint address of the S3 server, such as {@code http://localhost:9000}
 * @param accessKey name of the account
 * @param secretKey secret of the account
 * @param bucket the bucket; made at start when it is missing
 * @param region region of the bucket, for servers that ask for one
 * @param partSize files above this size are uploaded in parts of this size (one part is in memory at a time), 5 MB to 1 GB
 * @param timeout for one request
 */
@Validated
@ConfigurationProperties("quipforge.artifacts")
public record ArtifactProperties(
        @NotNull URI endpoint,
        @NotBlank String accessKey,
        @NotBlank String secretKey,

        @DefaultValue("quipforge") @Pattern(regexp = "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
        String bucket,

        @DefaultValue("us-east-1") @NotBlank String region,
        @DefaultValue("16MB") DataSize partSize,
        @DefaultValue("5m") @DurationMin(seconds = 1) Duration timeout) {

    private static final DataSize SMALLEST_PART = DataSize.ofMegabytes(5);
    private static final DataSize LARGEST_PART = DataSize.ofGigabytes(1);

    public ArtifactProperties {
        if (partSize.compareTo(SMALLEST_PART) < 0 || partSize.compareTo(LARGEST_PART) > 0) {
            throw new IllegalArgumentException(
                    "quipforge.artifacts.part-size: %s (expected: 5MB to 1GB)".formatted(partSize));
        }
    }
}
