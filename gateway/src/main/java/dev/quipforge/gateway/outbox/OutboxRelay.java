package dev.quipforge.gateway.outbox;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.stream.function.StreamBridge;
import org.springframework.context.SmartLifecycle;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.messaging.support.MessageBuilder;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Sends what is in the outbox, in order, and marks it once the broker has acknowledged it. A crash in between sends a
 * message twice, which is harmless: it is the same attempt of the same task.
 */
final class OutboxRelay implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(OutboxRelay.class);
    private static final Duration SWEEP = Duration.ofMinutes(10);
    private static final Duration STOP = Duration.ofSeconds(10);

    private final Outbox outbox;
    private final StreamBridge bridge;
    private final TransactionOperations transaction;
    private final OutboxProperties properties;
    private final Clock clock;
    private Instant nextSweep = Instant.EPOCH;
    private volatile @Nullable Thread thread;

    OutboxRelay(
            Outbox outbox,
            StreamBridge bridge,
            TransactionOperations transaction,
            OutboxProperties properties,
            Clock clock) {
        this.outbox = outbox;
        this.bridge = bridge;
        this.transaction = transaction;
        this.properties = properties;
        this.clock = clock;
    }

    private void relay() {
        try {
            while (!Thread.interrupted()) {
                if (!sendBatch()) {
                    Thread.sleep(properties.poll());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Sends what is due; whether there may be more. */
    private boolean sendBatch() {
        try {
            Integer sent = transaction.execute(_ -> {
                List<Outbox.Message> due = outbox.due(properties.batch());
                return sendAll(due);
            });
            sweep();
            return sent != null && sent == properties.batch();
        } catch (RuntimeException e) {
            log.warn("the outbox could not be read; trying again", e);
            return false;
        }
    }

    /** Sends until one fails, so that none overtakes another; the number that were sent. */
    private int sendAll(List<Outbox.Message> due) {
        int sent = 0;
        for (Outbox.Message message : due) {
            if (!send(message)) {
                break;
            }
            outbox.sent(message);
            sent++;
        }
        return sent;
    }

    private boolean send(Outbox.Message message) {
        try {
            return bridge.send(
                    message.topic(),
                    MessageBuilder.withPayload(message.payload().getBytes(StandardCharsets.UTF_8))
                            .setHeader(KafkaHeaders.KEY, message.key().getBytes(StandardCharsets.UTF_8))
                            .build());
        } catch (RuntimeException e) {
            log.warn("message {} for {} could not be sent; trying again", message.sequence(), message.topic(), e);
            return false;
        }
    }

    private void sweep() {
        Instant now = clock.instant();
        if (now.isAfter(nextSweep)) {
            outbox.forget(now.minus(properties.retention()));
            nextSweep = now.plus(SWEEP);
        }
    }

    @Override
    public void start() {
        thread = Thread.ofPlatform().name("outbox").daemon().start(this::relay);
    }

    @Override
    public void stop() {
        Thread relay = thread;
        thread = null;
        if (relay != null) {
            relay.interrupt();
            try {
                relay.join(STOP);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }
}
