package dev.quipforge.gateway;

import dev.quipforge.kit.artifact.S3Server;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.kafka.test.EmbeddedKafkaKraftBroker;

/**
 * The real servers that the gateway stands on: PostgreSQL, Kafka and S3, started once for all tests. Each instance has a
 * database and a broker of its own, so that gateways of different tests never meet.
 */
public final class TestPlatform {

    /** Where models and texts of test jobs may lie. */
    public static final String ROOT = "/srv/models";

    /** Where the gateways look for the inference service; nothing listens there until a test does. */
    public static final int INFERENCE_PORT = freePort();

    private static final EmbeddedPostgres POSTGRES = postgres();
    private static final S3Server S3 = s3();
    private static final TestPlatform SHARED = new TestPlatform("shared");
    private static final ConfigurableApplicationContext GATEWAY = SHARED.startGateway();

    private final String database;
    private final EmbeddedKafkaKraftBroker kafka;

    /** A platform with a new database and a new broker. */
    public TestPlatform(String database) {
        this.database = database;
        try (Connection connection = POSTGRES.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create database " + database);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        kafka = new EmbeddedKafkaKraftBroker(1, 1);
        kafka.brokerProperty("log.cleaner.dedupe.buffer.size", "2097152");
        kafka.afterPropertiesSet();
    }

    /** The platform that most tests use. */
    public static TestPlatform shared() {
        return SHARED;
    }

    /** The gateway that most tests use; it is never stopped. */
    public static ConfigurableApplicationContext gateway() {
        return GATEWAY;
    }

    /** Address of the shared gateway. */
    public static String address() {
        return address(GATEWAY);
    }

    /** Address of a gateway. */
    public static String address(ConfigurableApplicationContext gateway) {
        return "http://localhost:" + gateway.getEnvironment().getProperty("local.server.port");
    }

    /** Addresses of the broker. */
    public String brokers() {
        return kafka.getBrokersAsString();
    }

    /** Starts a gateway on this platform; the caller closes it. */
    public ConfigurableApplicationContext startGateway(String... properties) {
        Map<String, String> all = new LinkedHashMap<>();
        Stream.of(defaults(), S3.springProperties(), properties)
                .flatMap(Arrays::stream)
                .forEach(property -> {
                    String[] parts = property.split("=", 2);
                    all.put(parts[0], parts[1]);
                });
        String[] arguments = all.entrySet().stream()
                .map(property -> "--" + property.getKey() + "=" + property.getValue())
                .toArray(String[]::new);
        SpringApplication application = new SpringApplicationBuilder(GatewayConfiguration.class, TestClock.class)
                .properties("spring.config.name=gateway")
                .build();
        return application.run(arguments);
    }

    private String[] defaults() {
        return new String[] {
            "server.port=0",
            "spring.main.banner-mode=off",
            "spring.datasource.url=" + POSTGRES.getJdbcUrl("postgres", database),
            "spring.datasource.username=postgres",
            "spring.datasource.password=postgres",
            "spring.kafka.bootstrap-servers=" + brokers(),
            "quipforge.allowed-roots=" + ROOT,
            "quipforge.inference.uri=http://localhost:" + INFERENCE_PORT,
            "quipforge.saga.retry-delay=0ms",
            "quipforge.outbox.poll=20ms",
            "quipforge.events.poll=20ms",
            "quipforge.events.keep-alive=300ms"
        };
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static EmbeddedPostgres postgres() {
        try {
            return EmbeddedPostgres.builder().start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static S3Server s3() {
        try {
            Path folder = Files.createTempDirectory("quipforge-gateway-s3");
            return S3Server.start(folder);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Replaces the clock by one that tests can set forward. */
    @Configuration(proxyBeanMethods = false)
    static class TestClock {

        @Bean
        @Primary
        MovableClock movableClock() {
            return new MovableClock();
        }
    }
}
