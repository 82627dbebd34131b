package dev.quipforge.kit.task;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Opens share consumers of one group, which takes every record of the topic from its beginning. */
final class ShareGroups implements Supplier<ShareConsumer<String, byte[]>> {

    private static final String FROM_WHERE = "share.auto.offset.reset";
    private static final long PATIENCE_SECONDS = 30;

    /** Settings of ordinary consumers, which {@code spring.kafka.consumer} has defaults for and a share consumer refuses. */
    private static final List<String> NOT_FOR_SHARE_GROUPS = List.of(
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            ConsumerConfig.GROUP_INSTANCE_ID_CONFIG,
            ConsumerConfig.GROUP_PROTOCOL_CONFIG,
            ConsumerConfig.GROUP_REMOTE_ASSIGNOR_CONFIG,
            ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG,
            ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG,
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
            ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG);

    private final String group;
    private final Map<String, Object> consumerSettings;
    private final Map<String, Object> adminSettings;

    ShareGroups(String group, Map<String, Object> consumerSettings, Map<String, Object> adminSettings) {
        this.group = group;
        this.consumerSettings = consumerSettings;
        this.adminSettings = adminSettings;
    }

    /**
     * A consumer that is handed one record at a time and says itself what becomes of it.
     *
     * @throws KafkaException when the broker cannot be reached
     */
    @Override
    public ShareConsumer<String, byte[]> get() {
        startAtTheBeginning();
        Map<String, Object> settings = new HashMap<>(consumerSettings);
        settings.keySet().removeAll(NOT_FOR_SHARE_GROUPS);
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        settings.put(ConsumerConfig.SHARE_ACKNOWLEDGEMENT_MODE_CONFIG, "explicit");
        settings.put(ConsumerConfig.SHARE_ACQUIRE_MODE_CONFIG, "record_limit");
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
        return new KafkaShareConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
    }

    /** Without this a group would skip the tasks that were sent before its first worker came. */
    private void startAtTheBeginning() {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.GROUP, group);
        AlterConfigOp earliest = new AlterConfigOp(new ConfigEntry(FROM_WHERE, "earliest"), AlterConfigOp.OpType.SET);
        try (Admin admin = Admin.create(adminSettings)) {
            admin.incrementalAlterConfigs(Map.of(resource, List.of(earliest)))
                    .all()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new KafkaException(
                    "share group " + group + ": " + FROM_WHERE + " cannot be set: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("interrupted", e);
        }
    }
}
