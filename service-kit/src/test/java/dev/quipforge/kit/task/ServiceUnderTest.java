package dev.quipforge.kit.task;

import dev.quipforge.kit.artifact.ArtifactStore;
import dev.quipforge.kit.artifact.S3Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** A whole service with its own settings, on a real broker and a real S3 server, and the gateway's side of its queue. */
public final class ServiceUnderTest implements AutoCloseable {

    private final KafkaServer kafka;
    private final S3Server s3;
    private final ConfigurableApplicationContext context;
    private final WorkBench bench;

    /**
     * Starts everything.
     *
     * @param configuration the service
     * @param name its name, which its settings file has too
     * @param folder for objects and cache
     * @param properties more settings, {@code name=value}
     */
    public ServiceUnderTest(Class<?> configuration, String name, Path folder, String... properties) {
        kafka = KafkaServer.start(Duration.ofSeconds(5));
        s3 = S3Server.start(directory(folder.resolve("objects")));
        List<String> all = new ArrayList<>(List.of(
                "spring.config.name=" + name,
                "spring.main.banner-mode=off",
                "server.port=0",
                "spring.kafka.bootstrap-servers=" + kafka.bootstrapServers(),
                "quipforge.cache.directory=" + folder.resolve("cache"),
                "quipforge.worker.name=" + name));
        all.addAll(List.of(s3.springProperties()));
        all.addAll(Arrays.asList(properties));
        String[] arguments = all.stream().map(property -> "--" + property).toArray(String[]::new);
        context = new SpringApplicationBuilder(configuration).run(arguments);
        bench = new WorkBench(kafka.bootstrapServers());
    }

    private static Path directory(Path path) {
        try {
            return Files.createDirectories(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The service. */
    public ConfigurableApplicationContext context() {
        return context;
    }

    /** The store of the service. */
    public ArtifactStore store() {
        return context.getBean(ArtifactStore.class);
    }

    /** The gateway's side. */
    public WorkBench bench() {
        return bench;
    }

    /** Where its web server listens. */
    public String url() {
        return "http://127.0.0.1:" + context.getEnvironment().getRequiredProperty("local.server.port");
    }

    @Override
    public void close() {
        bench.close();
        context.close();
        s3.close();
        kafka.close();
    }
}
