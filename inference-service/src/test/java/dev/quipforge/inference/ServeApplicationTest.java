package dev.quipforge.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quipforge.llm.checkpoint.Checksums;
import dev.quipforge.llm.testing.TestModels;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

/** The server alone: folders, no broker, no store. */
class ServeApplicationTest {

    @TempDir
    Path directory;

    private final HttpClient http = HttpClient.newHttpClient();

    private static ConfigurableApplicationContext start(Path... models) {
        return ServeApplication.start(
                "--server.port=0",
                "--quipforge.compute.backend=vector",
                "--quipforge.serving.cache=1MB",
                "--quipforge.serving.directories="
                        + String.join(
                                ",",
                                List.of(models).stream().map(Path::toString).toList()));
    }

    @Test
    void modelsAreServedByTheNamesOfTheirFolders() throws IOException, InterruptedException {
        Path first = TestModels.tiny(directory.resolve("first"), 1);
        Path second = TestModels.tiny(directory.resolve("second"), 2);
        Checksums.write(second);
        try (ConfigurableApplicationContext context = start(first, second)) {
            assertThat(get(context, "/v1/models").body()).contains("\"first\"").contains("\"second\"");
            assertThat(get(context, "/actuator/health").statusCode()).isEqualTo(200);
            HttpResponse<String> completion = complete(context, "second");
            assertThat(completion.statusCode()).isEqualTo(200);
            assertThat(completion.body()).contains("\"completion_tokens\":12");
            assertThat(complete(context, "third").statusCode()).isEqualTo(404);
        }
    }

    @Test
    void manyClientsGetWhatOneGets() throws IOException, InterruptedException {
        Path model = TestModels.tiny(directory.resolve("model"), 1);
        try (ConfigurableApplicationContext context = start(model)) {
            String alone = text(complete(context, "model"));
            List<CompletableFuture<HttpResponse<String>>> many = IntStream.range(0, 24)
                    .mapToObj(_ -> http.sendAsync(request(context, "model"), HttpResponse.BodyHandlers.ofString()))
                    .toList();
            assertThat(many)
                    .allSatisfy(answer -> assertThat(text(answer.join())).isEqualTo(alone));
        }
    }

    @Test
    void aFolderThatIsNotWhatItsChecksumsSayIsRefused() throws IOException {
        Path model = TestModels.tiny(directory.resolve("model"), 1);
        Checksums.write(model);
        Files.writeString(model.resolve("generation_config.json"), "{}");
        assertThatThrownBy(() -> start(model))
                .hasStackTraceContaining("generation_config.json")
                .hasStackTraceContaining("SHA256SUMS");
    }

    private static String text(HttpResponse<String> completion) {
        assertThat(completion.statusCode()).isEqualTo(200);
        return completion.body().replaceAll("\"(id|created)\":[^,]*,", "");
    }

    private HttpResponse<String> complete(ConfigurableApplicationContext context, String model)
            throws IOException, InterruptedException {
        return http.send(request(context, model), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest request(ConfigurableApplicationContext context, String model) {
        String body = """
                {"model": "%s", "prompt": "hello", "max_tokens": 12, "temperature": 1.2, "seed": 3}""".formatted(model);
        return HttpRequest.newBuilder(uri(context, "/v1/completions"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private HttpResponse<String> get(ConfigurableApplicationContext context, String path)
            throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(uri(context, path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static URI uri(ConfigurableApplicationContext context, String path) {
        String port = context.getEnvironment().getRequiredProperty("local.server.port");
        return URI.create("http://127.0.0.1:" + port + path);
    }
}
