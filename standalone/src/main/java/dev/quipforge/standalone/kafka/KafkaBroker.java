package dev.quipforge.standalone.kafka;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * A Kafka broker that is its own controller (KRaft), on a directory that survives restarts. It listens on the loopback
 * address only, and its settings are those of a machine with one broker: one replica, few threads, small buffers.
 */
public final class KafkaBroker implements AutoCloseable {

    private static final int NODE = 1;
    private static final String CONTROLLER_LISTENER = "CONTROLLER";

    private final KafkaRaftServer server;
    private final String bootstrapServers;

    private KafkaBroker(KafkaRaftServer server, String bootstrapServers) {
        this.server = server;
        this.bootstrapServers = bootstrapServers;
    }

    /**
     * Starts the broker; formats the directory if it is new. Returns when the broker takes requests.
     *
     * @param directory the broker's log directory
     * @param port where clients connect, on the loopback address
     * @param controllerPort where the controller listens, on the loopback address
     * @param lease how long a record of a share group is held without being renewed
     * @throws IOException if the directory cannot be formatted
     */
    public static KafkaBroker start(Path directory, int port, int controllerPort, Duration lease) throws IOException {
        Files.createDirectories(directory);
        if (!Files.exists(directory.resolve("meta.properties"))) {
            format(directory);
        }
        String address = "127.0.0.1:" + port;
        KafkaConfig config =
                KafkaConfig.fromProps(settings(directory, address, "127.0.0.1:" + controllerPort, lease), false);
        KafkaRaftServer server = new KafkaRaftServer(config, Time.SYSTEM);
        server.startup();
        return new KafkaBroker(server, address);
    }

    /** What clients name in {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return bootstrapServers;
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }

    private static void format(Path directory) throws IOException {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        try {
            new Formatter()
                    .setNodeId(NODE)
                    .setClusterId(Uuid.randomUuid().toString())
                    .setDirectories(List.of(directory.toString()))
                    .setMetadataLogDirectory(directory.toString())
                    .setControllerListenerName(CONTROLLER_LISTENER)
                    .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
                    .setPrintStream(new PrintStream(said, true, StandardCharsets.UTF_8))
                    .run();
        } catch (Exception e) {
            throw new IOException(directory + ": cannot be formatted for Kafka: " + e.getMessage(), e);
        }
    }

    private static Properties settings(Path directory, String address, String controller, Duration lease) {
        Properties properties = new Properties();
        properties.putAll(Map.of(
                "process.roles",
                "broker,controller",
                "node.id",
                Integer.toString(NODE),
                "controller.quorum.voters",
                NODE + "@" + controller,
                "listeners",
                "PLAINTEXT://" + address + "," + CONTROLLER_LISTENER + "://" + controller,
                "advertised.listeners",
                "PLAINTEXT://" + address,
                "controller.listener.names",
                CONTROLLER_LISTENER,
                "inter.broker.listener.name",
                "PLAINTEXT",
                "listener.security.protocol.map",
                "PLAINTEXT:PLAINTEXT," + CONTROLLER_LISTENER + ":PLAINTEXT",
                "log.dirs",
                directory.toString()));
        properties.putAll(ONE_BROKER);
        properties.putAll(SMALL);
        String milliseconds = Long.toString(lease.toMillis());
        properties.put("group.share.record.lock.duration.ms", milliseconds);
        properties.put("group.share.min.record.lock.duration.ms", Long.toString(Math.min(15_000, lease.toMillis())));
        return properties;
    }

    /** One replica for what the broker keeps for itself. */
    private static final Map<String, String> ONE_BROKER = Map.ofEntries(
            Map.entry("default.replication.factor", "1"),
            Map.entry("num.partitions", "1"),
            Map.entry("offsets.topic.replication.factor", "1"),
            Map.entry("offsets.topic.num.partitions", "1"),
            Map.entry("transaction.state.log.replication.factor", "1"),
            Map.entry("transaction.state.log.min.isr", "1"),
            Map.entry("transaction.state.log.num.partitions", "1"),
            Map.entry("share.coordinator.state.topic.replication.factor", "1"),
            Map.entry("share.coordinator.state.topic.min.isr", "1"),
            Map.entry("share.coordinator.state.topic.num.partitions", "1"),
            Map.entry("group.initial.rebalance.delay.ms", "0"));

    /** Threads and buffers of a broker whose load is a few messages a second. */
    private static final Map<String, String> SMALL = Map.ofEntries(
            Map.entry("num.network.threads", "1"),
            Map.entry("num.io.threads", "2"),
            Map.entry("num.replica.fetchers", "1"),
            Map.entry("num.recovery.threads.per.data.dir", "1"),
            Map.entry("background.threads", "2"),
            Map.entry("log.cleaner.dedupe.buffer.size", "2097152"),
            Map.entry("log.index.size.max.bytes", "1048576"),
            Map.entry("offsets.topic.segment.bytes", "16777216"),
            Map.entry("share.coordinator.state.topic.segment.bytes", "16777216"),
            Map.entry("metadata.log.segment.bytes", "16777216"),
            Map.entry("metric.reporters", ""));
}
