package dev.quipforge.kit.task;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.quipforge.contracts.TaskEvent;
import dev.quipforge.kit.json.ContractsJson;
import org.springframework.cloud.stream.function.StreamBridge;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.messaging.Message;
import org.springframework.messaging.support.MessageBuilder;

/** Events through Spring Cloud Stream, keyed by job so that those of one job stay in order. */
final class StreamTaskEvents implements TaskEvents {

    /** The binding; its producer is synchronous, see {@code quipforge-worker.yml}. */
    static final String BINDING = "taskEvents-out-0";

    private final StreamBridge bridge;

    StreamTaskEvents(StreamBridge bridge) {
        this.bridge = bridge;
    }

    @Override
    public void send(TaskEvent event) {
        Message<byte[]> message = MessageBuilder.withPayload(
                        ContractsJson.mapper().writeValueAsBytes(event))
                .setHeader(KafkaHeaders.KEY, event.job().toString().getBytes(UTF_8))
                .build();
        if (!bridge.send(BINDING, message)) {
            throw new IllegalStateException("binding " + BINDING + ": the event was not sent");
        }
    }
}
