package dev.quipforge.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.quipforge.gateway.Http;
import dev.quipforge.gateway.TestPlatform;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code /v1/**} goes to the inference service, here a plain HTTP server. */
class InferenceRouteTest {

    @Test
    void completionsAreStreamedAsTheyCome() throws IOException {
        CountDownLatch firstSeen = new CountDownLatch(1);
        HttpServer inference = HttpServer.create(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), TestPlatform.INFERENCE_PORT), 0);
        inference.createContext("/v1/completions", exchange -> {
            byte[] request = exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream body = exchange.getResponseBody()) {
                body.write(("data: " + new String(request, StandardCharsets.UTF_8) + "\n\n")
                        .getBytes(StandardCharsets.UTF_8));
                body.flush();
                boolean seen = firstSeen.await(10, TimeUnit.SECONDS);
                body.write(("data: " + seen + "\n\n").getBytes(StandardCharsets.UTF_8));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        inference.start();
        try {
            Http http = new Http();
            HttpResponse<Stream<String>> response = http.send(
                    http.request("/v1/completions")
                            .header("Content-Type", "application/json")
                            .POST(java.net.http.HttpRequest.BodyPublishers.ofString("{}")),
                    HttpResponse.BodyHandlers.ofLines());

            Iterator<String> lines =
                    response.body().filter(line -> !line.isEmpty()).iterator();
            assertThat(lines.next()).isEqualTo("data: {}");
            firstSeen.countDown();
            assertThat(lines.next()).isEqualTo("data: true");
        } finally {
            inference.stop(0);
        }
    }

    @Test
    void withoutInferenceServiceTheAnswerIsAProblem() {
        Http.Answer answer = new Http().post("/v1/completions", "{}");

        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.type()).isEqualTo("application/problem+json");
        assertThat(answer.json().get("detail").asString())
                .startsWith("inference service at http://localhost:")
                .endsWith("(expected: a running inference service)");
    }
}
