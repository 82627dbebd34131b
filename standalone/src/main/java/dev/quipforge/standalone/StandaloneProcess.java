package dev.quipforge.standalone;

import dev.quipforge.standalone.data.Credentials;
import dev.quipforge.standalone.data.DataDirectory;
import dev.quipforge.standalone.data.InstanceLock;
import dev.quipforge.standalone.data.Ports;
import dev.quipforge.standalone.data.StateFile;
import dev.quipforge.standalone.lifecycle.ClosingOrder;
import dev.quipforge.standalone.postgres.PostgresServer;
import dev.quipforge.standalone.services.ServiceSettings;
import dev.quipforge.standalone.services.Services;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of the standalone: from taking the data directory to giving it back. */
final class StandaloneProcess {

    private static final Logger log = LoggerFactory.getLogger(StandaloneProcess.class);

    /** After this long a stop in order is given up; what then still runs outside this process stops by itself. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final DataDirectory data;
    private final Options options;
    private final PrintStream out;
    private final ClosingOrder closing = new ClosingOrder();
    private final CountDownLatch startEnded = new CountDownLatch(1);

    private StandaloneProcess(DataDirectory data, Options options, PrintStream out) {
        this.data = data;
        this.options = options;
        this.out = out;
    }

    /**
     * Starts, and returns when everything runs; the process then goes on until it gets a signal or, if asked for, until standard
     * input ends.
     *
     * @throws IOException if something does not start; what did start has been stopped
     */
    static void run(DataDirectory data, Options options, PrintStream out) throws IOException {
        Clock clock = Clock.systemUTC();
        Instant started = clock.instant();
        InstanceLock lock = InstanceLock.take(data);
        StandaloneProcess process = new StandaloneProcess(data, options, out);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> process.stop(lock), "stop"));
        if (options.exitWithStdin()) {
            Thread.ofPlatform().name("stdin").daemon().start(StandaloneProcess::exitWithStdin);
        }
        try {
            process.start(started);
        } finally {
            process.startEnded.countDown();
        }
    }

    private void start(Instant started) throws IOException {
        int port = Ports.choose(InetAddress.getByName(options.host()), options.port());
        Credentials credentials = Credentials.of(data);
        out.println("starting PostgreSQL, Kafka and the S3 server");
        Foundation foundation = Foundation.start(data, credentials, closing);
        Services.start(settings(port, credentials, foundation), closing, out::println);
        URI url = URI.create("http://localhost:" + port);
        closing.add("the state file", () -> StateFile.remove(data));
        // What starting needed is not needed any more: an idle standalone gives it back.
        System.gc();
        new StateFile(ProcessHandle.current().pid(), url, started).write(data);
        out.println("ready " + url);
    }

    private ServiceSettings settings(int port, Credentials credentials, Foundation foundation) throws IOException {
        return new ServiceSettings(
                new ServiceSettings.Gateway(options.host(), port),
                Ports.free(1).getFirst(),
                new ServiceSettings.Database(
                        foundation.postgres().jdbcUrl(), PostgresServer.USER, credentials.databasePassword()),
                foundation.kafka().bootstrapServers(),
                new ServiceSettings.Artifacts(
                        foundation.s3().endpoint(), credentials.accessKey(), credentials.secretKey()),
                data.cache(),
                options.allowed());
    }

    private void stop(InstanceLock lock) {
        Thread.ofPlatform().name("impatience").daemon().start(StandaloneProcess::haltLater);
        closing.close();
        try {
            startEnded.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (options.temporary()) {
                data.delete();
            } else {
                lock.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            log.error("{}: not cleaned up", data.root(), e);
        }
    }

    private static void haltLater() {
        try {
            Thread.sleep(PATIENCE);
            log.error("not stopped after {}: giving up", PATIENCE);
            Runtime.getRuntime().halt(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void exitWithStdin() {
        try {
            while (System.in.read() >= 0) {
                // Whoever holds the other end only has to live.
            }
        } catch (IOException e) {
            log.warn("standard input cannot be read: taken as its end", e);
        }
        System.exit(0);
    }
}
