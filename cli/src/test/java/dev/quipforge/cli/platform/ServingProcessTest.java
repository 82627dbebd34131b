package dev.quipforge.cli.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.llm.testing.TestModels;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code quipforge serve} starts, as a process from the jar of the standalone. */
class ServingProcessTest {

    private static final String READY = "ready ";

    @TempDir
    Path directory;

    @BeforeAll
    static void findTheInstallation() {
        System.setProperty(
                "quipforge.home", TestModels.demo().resolveSibling("").toString());
    }

    @Test
    void aModelInAFolderIsServed() throws IOException, InterruptedException {
        Path model = TestModels.tiny(directory.resolve("small"), 1);
        Process process = serving(model);
        try (HttpClient http = HttpClient.newHttpClient();
                BufferedReader said = process.inputReader()) {
            Optional<String> address = said.lines()
                    .filter(line -> line.startsWith(READY))
                    .map(line -> line.substring(READY.length()))
                    .findFirst();
            HttpRequest models = HttpRequest.newBuilder(URI.create(address.orElseThrow() + "/v1/models"))
                    .build();
            assertThat(http.send(models, HttpResponse.BodyHandlers.ofString()).body())
                    .contains("\"id\":\"small\"");
        } finally {
            process.destroy();
            process.waitFor();
        }
    }

    @Test
    void aFolderWithoutAModelEndsIt() throws IOException, InterruptedException {
        assertThat(serving(directory).waitFor()).isNotZero();
    }

    private static Process serving(Path model) throws IOException {
        return StandaloneLauncher.ofInstallation()
                .serving(List.of(
                        "--quipforge.serving.directories=" + model,
                        "--quipforge.compute.backend=scalar",
                        "--quipforge.serving.cache=1MB",
                        "--server.port=0"))
                .redirectOutput(ProcessBuilder.Redirect.PIPE)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
