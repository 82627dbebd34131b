package dev.quipforge.standalone;

import dev.quipforge.standalone.data.Credentials;
import dev.quipforge.standalone.data.DataDirectory;
import dev.quipforge.standalone.data.Ports;
import dev.quipforge.standalone.kafka.KafkaBroker;
import dev.quipforge.standalone.lifecycle.ClosingOrder;
import dev.quipforge.standalone.postgres.PostgresServer;
import dev.quipforge.standalone.s3.S3Server;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What the services stand on, running.
 *
 * @param postgres the gateway's database
 * @param kafka the broker between all of them
 * @param s3 the artifact store
 */
record Foundation(PostgresServer postgres, KafkaBroker kafka, S3Server s3) {

    /** How long a task is held by a worker that does not renew it. */
    private static final Duration LEASE = Duration.ofSeconds(30);

    /**
     * Starts the three side by side. Each is handed to {@code closing} as soon as it runs.
     *
     * @throws IOException if one of them does not start
     */
    static Foundation start(DataDirectory data, Credentials credentials, ClosingOrder closing) throws IOException {
        List<Integer> ports = Ports.free(3);
        try (ExecutorService starters = Executors.newFixedThreadPool(3)) {
            Future<PostgresServer> postgres = starters.submit(() -> closing.add(
                    "PostgreSQL",
                    PostgresServer.start(
                            data.postgres(),
                            data.logs().resolve("postgres.log"),
                            ports.get(0),
                            credentials.databasePassword())));
            Future<KafkaBroker> kafka = starters.submit(() -> closing.add(
                    "the Kafka broker", KafkaBroker.start(data.kafka(), ports.get(1), ports.get(2), LEASE)));
            Future<S3Server> s3 = starters.submit((Callable<S3Server>) () -> closing.add(
                    "the S3 server",
                    S3Server.start(data.artifacts(), credentials.accessKey(), credentials.secretKey())));
            return new Foundation(result(postgres), result(kafka), result(s3));
        }
    }

    private static <T> T result(Future<T> future) throws IOException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ClosingOrder.StoppedException stopped) {
                throw stopped;
            }
            throw new IOException(
                    e.getCause() == null ? e.getMessage() : e.getCause().getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while starting", e);
        }
    }
}
