package dev.quipforge.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class JobEventsTest {

    /** A server that ends its answer after one event, as one that is restarted does. */
    @Test
    void aBrokenStreamIsResumedAfterTheLastEventSeen() throws Exception {
        BlockingQueue<List<String>> asked = new LinkedBlockingQueue<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/api/v1/jobs/a-job/events", exchange -> {
            List<String> last = exchange.getRequestHeaders().getOrDefault("Last-Event-ID", List.of());
            asked.add(last);
            byte[] event = ("id: " + (last.isEmpty() ? 41 : 42) + "\ndata: {}\n\n").getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, event.length);
            exchange.getResponseBody().write(event);
            exchange.close();
        });
        server.start();
        JobClient client = new JobClient(
                URI.create("http://localhost:" + server.getAddress().getPort()));
        try (JobEvents events = new JobEvents(client, "a-job")) {
            assertThat(asked.poll(20, TimeUnit.SECONDS)).isEmpty();
            assertThat(asked.poll(20, TimeUnit.SECONDS)).containsExactly("41");
            assertThat(asked.poll(20, TimeUnit.SECONDS)).containsExactly("42");
            assertThat(events).isNotNull();
        } finally {
            server.stop(0);
        }
    }
}
