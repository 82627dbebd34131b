package dev.quipforge.standalone.services;

import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the services find each other and what they stand on: the only thing in which the standalone differs from containers.
 *
 * @param gateway address and port the gateway listens on
 * @param inferencePort port the inference service listens on, on the loopback address
 * @param database where JDBC finds the gateway's database
 * @param bootstrapServers of the broker
 * @param artifacts the artifact store
 * @param cache where workers keep what they have read
 * @param allowedRoots folders below which models and texts may be read
 */
public record ServiceSettings(
        Gateway gateway,
        int inferencePort,
        Database database,
        String bootstrapServers,
        Artifacts artifacts,
        Path cache,
        List<Path> allowedRoots) {

    public ServiceSettings {
        allowedRoots = List.copyOf(allowedRoots);
    }

    /** Where the gateway listens. */
    public record Gateway(String address, int port) {}

    /** A database and its owner. */
    public record Database(String url, String user, String password) {

        @Override
        public String toString() {
            return url;
        }
    }

    /** An S3 server and the identity it lets in. */
    public record Artifacts(URI endpoint, String accessKey, String secretKey) {

        @Override
        public String toString() {
            return endpoint.toString();
        }
    }

    /** The properties of one service; they win over its settings file and over the environment. */
    Map<String, String> properties(Service service) {
        Map<String, String> properties = new LinkedHashMap<>(SHARED_PROCESS);
        // Settings come from the class path only, not from files that happen to lie in the current folder.
        properties.put("spring.config.location", "classpath:/" + service.settings());
        properties.put("spring.kafka.bootstrap-servers", bootstrapServers);
        properties.put("quipforge.artifacts.endpoint", artifacts.endpoint().toString());
        properties.put("quipforge.artifacts.access-key", artifacts.accessKey());
        properties.put("quipforge.artifacts.secret-key", artifacts.secretKey());
        for (int i = 0; i < allowedRoots.size(); i++) {
            properties.put(
                    "quipforge.allowed-roots[" + i + "]", allowedRoots.get(i).toString());
        }
        properties.putAll(own(service));
        return properties;
    }

    private Map<String, String> own(Service service) {
        return switch (service) {
            case GATEWAY ->
                Map.of(
                        "server.address", gateway.address(),
                        "server.port", Integer.toString(gateway.port()),
                        "spring.datasource.url", database.url(),
                        "spring.datasource.username", database.user(),
                        "spring.datasource.password", database.password(),
                        "spring.datasource.hikari.maximum-pool-size", "6",
                        "spring.datasource.hikari.minimum-idle", "1",
                        "quipforge.inference.uri", "http://127.0.0.1:" + inferencePort,
                        "management.endpoint.health.show-components", "always");
            case CALIBRATION, QUANTIZER, FINETUNE -> worker("spring.main.web-application-type", "none");
            case INFERENCE -> worker("server.address", "127.0.0.1", "server.port", Integer.toString(inferencePort));
        };
    }

    /**
     * A worker sees the gateway's libraries on the class path here, and must neither open a database nor take the paths of
     * requests for names of functions because of them.
     */
    private Map<String, String> worker(String... own) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("quipforge.cache.directory", cache.toString());
        properties.put("quipforge.worker.shutdown-grace", "5s");
        properties.put("spring.autoconfigure.exclude", String.join(",", DATABASE));
        properties.put("springdoc.api-docs.enabled", "false");
        properties.put("spring.cloud.gateway.server.webmvc.function.enabled", "false");
        for (int i = 0; i < own.length; i += 2) {
            properties.put(own[i], own[i + 1]);
        }
        return properties;
    }

    private static final List<String> DATABASE = List.of(
            "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
            "org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration",
            "org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration",
            "org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration",
            "org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration");

    /** Five contexts in one process must not claim what a process has only one of. */
    private static final Map<String, String> SHARED_PROCESS = Map.ofEntries(
            Map.entry("spring.main.banner-mode", "off"),
            Map.entry("spring.main.register-shutdown-hook", "false"),
            Map.entry("spring.jmx.enabled", "false"),
            Map.entry("management.metrics.use-global-registry", "false"),
            // Of no use to who asks how the platform is.
            Map.entry("management.health.ping.enabled", "false"),
            Map.entry("management.health.ssl.enabled", "false"),
            Map.entry("management.health.refresh.enabled", "false"),
            Map.entry("spring.cloud.discovery.client.composite-indicator.enabled", "false"));
}
