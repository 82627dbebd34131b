package dev.quipforge.kit.artifact;

import static dev.quipforge.kit.SettingsAssert.assertMapped;
import static dev.quipforge.kit.SettingsAssert.bind;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.util.unit.DataSize;

class ArtifactSettingsTest {

    @Test
    void everySettingOfTheStoreIsMapped() {
        assertMapped(
                Map.of(
                        "endpoint", "http://store:9000",
                        "access-key", "a",
                        "secret-key", "s",
                        "bucket", "models",
                        "region", "eu",
                        "part-size", "32MB",
                        "timeout", "90s"),
                new ArtifactProperties(
                        URI.create("http://store:9000"),
                        "a",
                        "s",
                        "models",
                        "eu",
                        DataSize.ofMegabytes(32),
                        Duration.ofSeconds(90)));
    }

    @Test
    void theStoreHasDefaults() {
        ArtifactProperties properties = bind(
                ArtifactProperties.class, Map.of("endpoint", "http://store", "access-key", "a", "secret-key", "s"));

        assertThat(properties.bucket()).isEqualTo("quipforge");
        assertThat(properties.partSize()).isEqualTo(DataSize.ofMegabytes(16));
        assertThat(properties.timeout()).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void everySettingOfTheCacheIsMapped() {
        assertMapped(
                Map.of("directory", "/var/cache/q", "size", "2GB"),
                new CacheProperties(Path.of("/var/cache/q"), DataSize.ofGigabytes(2)));
        assertThat(bind(CacheProperties.class, Map.of("directory", "/q")).size())
                .isEqualTo(DataSize.ofGigabytes(64));
    }

    @Test
    void aPartOfNoSizeThatS3TakesIsRefused() {
        assertThatExceptionOfType(BindException.class)
                .isThrownBy(() -> bind(
                        ArtifactProperties.class,
                        Map.of("endpoint", "http://s", "access-key", "a", "secret-key", "s", "part-size", "4MB")))
                .withStackTraceContaining("quipforge.artifacts.part-size: 4194304B (expected: 5MB to 1GB)");
    }

    @ParameterizedTest
    @CsvSource({
        "quipforge.artifacts.bucket=A_B, bucket",
        "quipforge.artifacts.access-key=, accessKey",
        "quipforge.artifacts.region=, region",
        "quipforge.artifacts.timeout=0s, timeout"
    })
    void aSettingThatCannotBeIsRefusedByName(String property, String field) {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(ArtifactAutoConfiguration.class))
                .withPropertyValues(
                        "quipforge.artifacts.endpoint=http://127.0.0.1:1",
                        "quipforge.artifacts.access-key=a",
                        "quipforge.artifacts.secret-key=s")
                .withPropertyValues(property)
                .run(context -> assertThat(context).getFailure().hasStackTraceContaining("on field '" + field + "'"));
    }

    @Test
    void aServiceWithoutItsStoreSaysSoInTwoSentences() {
        ArtifactException cause = new ArtifactException("bucket quipforge", "the store did not answer: refused");

        assertThat(new ArtifactFailureAnalyzer()
                        .analyze(new IllegalStateException(cause), cause)
                        .getDescription())
                .isEqualTo("The artifact store cannot be used: bucket quipforge: the store did not answer: refused");
    }
}
