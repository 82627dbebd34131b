package dev.quipforge.standalone.services;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ServiceSettingsTest {

    private static final ServiceSettings SETTINGS = new ServiceSettings(
            new ServiceSettings.Gateway("127.0.0.1", 8080),
            8084,
            new ServiceSettings.Database("jdbc:postgresql://127.0.0.1:5432/quipforge", "quipforge", "database-secret"),
            "127.0.0.1:9092",
            new ServiceSettings.Artifacts(URI.create("http://127.0.0.1:9000"), "access", "store-secret"),
            Path.of("/data/cache"),
            List.of(Path.of("/models"), Path.of("/texts")));

    @ParameterizedTest
    @EnumSource(Service.class)
    void everyServiceFindsBrokerAndStoreAndClaimsNothingOfTheProcess(Service service) {
        Map<String, String> properties = SETTINGS.properties(service);
        assertThat(properties)
                .containsEntry("spring.kafka.bootstrap-servers", "127.0.0.1:9092")
                .containsEntry("quipforge.artifacts.endpoint", "http://127.0.0.1:9000")
                .containsEntry("quipforge.allowed-roots[1]", "/texts")
                .containsEntry("management.metrics.use-global-registry", "false")
                .containsEntry("spring.jmx.enabled", "false");
        assertThat(ServiceSettings.class.getResource("/" + service.settings()))
                .as("settings file of %s", service)
                .isNotNull();
    }

    @Test
    void onlyTheGatewayIsGivenTheDatabase() {
        assertThat(SETTINGS.properties(Service.GATEWAY)).containsEntry("spring.datasource.password", "database-secret");
        assertThat(SETTINGS.properties(Service.CALIBRATION))
                .doesNotContainValue("database-secret")
                .containsEntry("quipforge.cache.directory", "/data/cache");
    }

    @Test
    void secretsAreNotInItsText() {
        assertThat(SETTINGS.toString()).contains("127.0.0.1:9092").doesNotContain("secret");
    }
}
