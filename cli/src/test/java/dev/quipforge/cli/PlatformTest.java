package dev.quipforge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.llm.testing.TestModels;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The whole platform from the outside: the packaged standalone, started once, used through the command and the REST API behind it.
 * Later tests look at the job that the first one ran.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PlatformTest {

    private static final long IDLE_BYTES = 1_200_000_000;
    private static final int SAMPLES = 10;
    private static final int WINDOW = 32;

    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir
    private static Path folder;

    private static Path data = Path.of("");

    private static Path model = Path.of("");
    private static Path calibration = Path.of("");
    private static Path heldOut = Path.of("");
    private static String url = "";
    private static String job = "";

    @BeforeAll
    static void start() throws IOException {
        data = folder.resolve("data");
        model = TestModels.tiny(folder.resolve("tiny"), 1);
        calibration = Files.writeString(folder.resolve("calibration.txt"), TestModels.text(SAMPLES * WINDOW, 2));
        heldOut = Files.writeString(folder.resolve("heldout.txt"), TestModels.text(8 * WINDOW, 3));
        JsonNode up = Cli.json("up", "--data", data, "--port", 0, "--allow", folder);
        url = up.path("url").asString("");
    }

    @AfterAll
    static void stop() {
        Cli.run("down", "--data", data);
    }

    @Test
    @Order(1)
    void theIdlePlatformIsWellAndSmall() {
        JsonNode status = Cli.json("status", "--data", data);
        assertThat(status.path("state").asString("")).isEqualTo("up");
        assertThat(status.path("url").asString("")).isEqualTo(url);
        assertThat(status.path("residentBytes").asLong())
                .as("resident bytes of the idle platform")
                .isBetween(100_000_000L, IDLE_BYTES);
        for (String part : List.of("gateway", "db", "calibration", "quantizer", "finetune", "inference")) {
            assertThat(status.path("health").path(part).asString("")).as(part).isEqualTo("UP");
        }
    }

    @Test
    @Order(2)
    void aJobRunsToItsEnd() {
        JsonNode ended = submit(model, calibration, "--evaluation", heldOut, "--window", WINDOW, "--wait")
                .document();
        job = ended.path("id").asString("");
        assertThat(ended.path("state").asString("")).as(ended.toString()).isEqualTo("SUCCEEDED");
        assertThat(Cli.json("job", "show", job, "--url", url)).isEqualTo(ended);
        assertThat(Cli.json("job", "show", job, "--tasks", "--url", url).path("tasks"))
                .allSatisfy(task -> assertThat(task.path("state").asString("")).isEqualTo("SUCCEEDED"));
        assertThat(Cli.json("job", "list", "--url", url)
                        .path("jobs")
                        .path(0)
                        .path("id")
                        .asString(""))
                .isEqualTo(job);
        assertThat(Cli.run("job", "watch", job, "--url", url).code()).isZero();
    }

    @Test
    @Order(3)
    void itsArtifactIsWhatItsReportSays() throws Exception {
        JsonNode report = Cli.json("job", "report", job, "--url", url);
        Path out = folder.resolve("downloaded");
        Cli.json("job", "download", job, "--out", out, "--url", url);
        assertChecksums(out);
        assertThat(perplexity(out))
                .isEqualTo(report.path("perplexity").path("quantized").asDouble());
        assertThat(perplexity(model))
                .isEqualTo(report.path("perplexity").path("original").asDouble());
        assertThat(report.path("klDivergence").path("mean").asDouble()).isPositive();
        assertThat(report.path("bytes").path("quantized").asLong())
                .isLessThan(report.path("bytes").path("original").asLong());
        JsonNode bytes = report.path("bytes");
        assertThat(bytes.path("linears").asLong() + bytes.path("others").asLong())
                .isEqualTo(bytes.path("quantized").asLong());
        assertThat(report.path("bitsPerWeight").asDouble()).isBetween(2.0, 4.0);
        assertThat(report.path("bitsPerParameter").asDouble())
                .isBetween(report.path("bitsPerWeight").asDouble(), 16.0);
        assertThat(report.path("proxyLoss").path("mean").asDouble()).isBetween(0.0, 1.0);
        assertThat(report.path("encodeWeightsPerSecond").asDouble()).isPositive();
        assertThat(report.path("seconds").propertyNames())
                .contains("intake", "calibrate", "quantize", "assemble", "evaluate", "publish", "total");
        assertThat(Cli.run("job", "report", job, "--url", url).out())
                .contains("perplexity", "KL divergence", "bits per weight", "mean proxy loss", "weights/s");
        assertThat(Cli.run("job", "report", job, "--block", 1, "--url", url).out())
                .contains("model.layers.1.mlp.down_proj")
                .doesNotContain("expert");
        assertThat(Cli.run("job", "report", job, "--block", 2, "--url", url).error())
                .contains("block 2", "expected: 0 to 1");
    }

    @Test
    @Order(4)
    void theSameWorkInProcessGivesTheSameBytes() throws IOException {
        Path out = folder.resolve("in-process");
        JsonNode report = Cli.json(
                "quantize",
                "--model",
                model,
                "--out",
                out,
                "--bits",
                2,
                "--calibration",
                calibration,
                "--samples",
                SAMPLES,
                "--context",
                WINDOW,
                "--seed",
                7);
        assertThat(report.path("out").asString("")).isEqualTo(out.toString());
        assertThat(report.path("proxyLoss").path("mean").asDouble())
                .isEqualTo(Cli.json("job", "report", job, "--url", url)
                        .path("proxyLoss")
                        .path("mean")
                        .asDouble());
        assertThat(report.path("encodeWeightsPerSecond").asDouble()).isPositive();
        assertThat(report.path("peakMemoryBytes").asLong()).isPositive();
        assertThat(weights(out))
                .isNotEmpty()
                .allSatisfy(file -> assertThat(folder.resolve("downloaded").resolve(file.getFileName()))
                        .hasSameBinaryContentAs(file));
    }

    @Test
    @Order(3)
    void bothModelsCompleteAPromptThroughTheGateway() throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            JsonNode models = JSON.readTree(http.send(
                            HttpRequest.newBuilder(URI.create(url + "/v1/models"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body());
            assertThat(models.path("data")).hasSizeGreaterThanOrEqualTo(2);
            for (JsonNode model : models.path("data")) {
                String prompt = JSON.writeValueAsString(
                        Map.of("model", model.path("id").asString(""), "prompt", "abc", "max_tokens", 4));
                HttpResponse<String> answer = http.send(
                        HttpRequest.newBuilder(URI.create(url + "/v1/completions"))
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(prompt))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                JsonNode completion = JSON.readTree(answer.body());
                assertThat(completion.path("usage").path("completion_tokens").asInt())
                        .isBetween(1, 4);
            }
        }
    }

    /** The same seed and settings; both go through all of tuning. */
    @Test
    @Order(4)
    void aTunedJobGivesTheBytesOfTheSameWorkInProcessAndSaysWhatItWon() throws IOException {
        Object[] tuning = {"--tuning", "blocks+end-to-end", "--tuning-preset", "fast"};
        Object[] measured = {"--evaluation", heldOut, "--window", WINDOW, "--wait"};
        JsonNode ended = submit(
                        model,
                        calibration,
                        Stream.of(tuning, measured).flatMap(Stream::of).toArray())
                .document();
        assertThat(ended.path("state").asString("")).as(ended.toString()).isEqualTo("SUCCEEDED");
        String tuned = ended.path("id").asString("");

        JsonNode report = Cli.json("job", "report", tuned, "--url", url);
        assertThat(report.path("tuning").path("blocks")).hasSize(8).allSatisfy(PlatformTest::assertNotWorse);
        assertThat(report.path("tuning").path("model").path("lossAfter").asDouble())
                .isLessThanOrEqualTo(
                        report.path("tuning").path("model").path("lossBefore").asDouble());
        assertThat(report.path("seconds").propertyNames()).contains("tune-blocks", "tune-end-to-end");
        assertThat(Cli.run("job", "report", tuned, "--url", url).out())
                .contains("tuned: blocks+end-to-end (fast)", "loss of block 1", "loss of the model");

        Path downloaded = folder.resolve("tuned");
        Cli.json("job", "download", tuned, "--out", downloaded, "--url", url);
        assertThat(perplexity(downloaded))
                .isEqualTo(report.path("perplexity").path("quantized").asDouble());
        assertThat(downloaded.resolve("README.md")).content().contains("with the head end to end");
        Path out = folder.resolve("tuned-in-process");
        List<Object> words =
                new ArrayList<>(List.of("quantize", "--model", model, "--out", out, "--bits", 2, "--seed", 7));
        words.addAll(List.of("--calibration", calibration, "--samples", SAMPLES, "--context", WINDOW));
        words.addAll(List.of(tuning));
        Cli.json(words.toArray());
        assertThat(weights(out))
                .isNotEmpty()
                .allSatisfy(file ->
                        assertThat(downloaded.resolve(file.getFileName())).hasSameBinaryContentAs(file));
    }

    /** More windows than a worker writes at a time, in a job of the name that the command has; some groups differ. */
    @Test
    @Order(4)
    void aJobOnWhatTheModelWritesGivesTheBytesOfTheSameWorkInProcess() throws IOException {
        Object[] same = {
            "--calibration",
            "self-generated",
            "--samples",
            70,
            "--context",
            WINDOW,
            "--bits",
            2,
            "--override",
            "*/mlp-down=4",
            "--override",
            "0/attention-in=e8p:3"
        };
        List<Object> words = new ArrayList<>(List.of("job", "submit", "--url", url, "--model", model, "--seed", 7));
        words.addAll(List.of(same));
        words.add("--wait");
        JsonNode ended = Cli.json(words.toArray());
        assertThat(ended.path("state").asString("")).as(ended.toString()).isEqualTo("SUCCEEDED");
        String written = ended.path("id").asString("");
        assertThat(Cli.run("job", "report", written, "--url", url).out())
                .contains("calibration: self-generated", "generate ");
        Path downloaded = folder.resolve("self-generated");
        Cli.json("job", "download", written, "--out", downloaded, "--url", url);

        assertThat(downloaded.resolve("config.json")).content().contains("\"0/mlp-down\"", "\"1/mlp-down\"", "\"e8p\"");
        assertThat(downloaded.resolve("README.md")).content().contains("3-bit, 4-bit", "`0/mlp-down`, `1/mlp-down`");

        Path out = folder.resolve("self-generated-in-process");
        List<Object> local = new ArrayList<>(List.of("quantize", "--model", model, "--out", out, "--seed", 7));
        local.addAll(List.of(same));
        Cli.json(local.toArray());
        assertThat(weights(out))
                .isNotEmpty()
                .allSatisfy(file ->
                        assertThat(downloaded.resolve(file.getFileName())).hasSameBinaryContentAs(file));
    }

    private static void assertNotWorse(JsonNode block) {
        JsonNode training = block.path("training");
        assertThat(training.path("lossBefore").asDouble()).isPositive();
        assertThat(training.path("lossAfter").asDouble())
                .isLessThanOrEqualTo(training.path("lossBefore").asDouble());
        assertThat(training.path("curve").isEmpty()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(BadModels.class)
    @Order(5)
    void aBadModelIsAFailedJobThatNamesThePlace(BadModels bad) throws IOException {
        Path directory = bad.write(folder.resolve(bad.name()));
        Cli run = submit(directory, calibration, "--wait");
        assertFailed(run, bad.message());
    }

    @Test
    @Order(6)
    void aTextShorterThanOneWindowIsAFailedJob() throws IOException {
        Path text = Files.writeString(folder.resolve("short.txt"), "too short");
        assertFailed(submit(model, text, "--wait"), "calibration text: 9 tokens (expected: at least one window of 32)");
    }

    @Test
    @Order(7)
    void aBadRequestIsRefusedWithItsFields() throws IOException {
        assertThat(submit(model, calibration, "--bits", 7, "--method", "magic").error())
                .contains("recipe.bits: 7 (expected: 2, 3 or 4)", "recipe.method: magic");
        assertThat(submit(model, calibration, "--code", "morse").error()).contains("recipe.code: morse");
        assertThat(submit(Path.of("/etc"), calibration).error()).contains("model.directory: /etc (expected:");
        Path request =
                Files.writeString(folder.resolve("request.json"), "{\"model\":{\"directory\":\"/x\"},\"colour\":1}");
        Cli unknown = Cli.run("job", "submit", "--file", request, "--url", url, "--json");
        assertThat(unknown.code()).isEqualTo(1);
        assertThat(unknown.error()).contains("colour");
        assertThat(unknown.document().path("error").path("message").asString(""))
                .contains("colour");
        assertThat(Cli.run("job", "show", "no-such-job", "--url", url).code()).isEqualTo(1);
    }

    @Test
    @Order(8)
    void theServicesAreStillWell() {
        assertThat(Cli.run("status", "--data", data).code()).isZero();
    }

    @Test
    @Order(9)
    void aJobOutlivesARestart() {
        assertThat(Cli.json("down", "--data", data).path("stopped").asBoolean()).isTrue();
        assertThat(Cli.run("status", "--data", data).code()).isEqualTo(3);
        url = Cli.json("up", "--data", data, "--port", 0, "--allow", folder)
                .path("url")
                .asString("");
        assertThat(Cli.json("up", "--data", data).path("url").asString("")).isEqualTo(url);
        assertThat(Cli.json("job", "show", job, "--url", url).path("state").asString(""))
                .isEqualTo("SUCCEEDED");
        Cli.json("job", "download", job, "--out", folder.resolve("downloaded"), "--url", url);
        assertThat(perplexity(folder.resolve("downloaded")))
                .isEqualTo(Cli.json("job", "report", job, "--url", url)
                        .path("perplexity")
                        .path("quantized")
                        .asDouble());
    }

    @Test
    @Order(10)
    void theSameJobAgainIsDoneAtOnce() {
        JsonNode again = submit(model, calibration, "--evaluation", heldOut, "--window", WINDOW, "--wait")
                .document();
        assertThat(again.path("state").asString("")).isEqualTo("SUCCEEDED");
        assertThat(again.path("id").asString("")).isNotEqualTo(job);
    }

    private static Cli submit(Path directory, Path text, Object... more) {
        List<Object> words = new ArrayList<>(List.of("job", "submit", "--url", url, "--json"));
        words.addAll(List.of("--model", directory, "--calibration", text, "--samples", SAMPLES, "--context", WINDOW));
        if (!List.of(more).contains("--bits")) {
            words.addAll(List.of("--bits", 2, "--seed", 7));
        }
        words.addAll(List.of(more));
        return Cli.run(words.toArray());
    }

    private static void assertFailed(Cli run, String message) {
        assertThat(run.code()).isEqualTo(1);
        JsonNode ended = run.document();
        assertThat(ended.path("state").asString("")).isEqualTo("FAILED");
        assertThat(ended.path("failure").path("code").asString("")).isEqualTo("INVALID_INPUT");
        assertThat(ended.path("failure").path("message").asString("")).startsWith(message);
        assertThat(ended.path("failure").path("task").asString("")).isNotEmpty();
        assertThat(ended.path("failure").path("place").asString("")).isNotEmpty();
        assertThat(run.error()).startsWith("error: job ").contains(message);
    }

    private static double perplexity(Path directory) {
        return Cli.json("perplexity", "--model", directory, "--text", heldOut, "--window", WINDOW)
                .path("perplexity")
                .asDouble();
    }

    private static List<Path> weights(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".safetensors"))
                    .toList();
        }
    }

    private static void assertChecksums(Path directory) throws Exception {
        List<String> lines = Files.readAllLines(directory.resolve("SHA256SUMS"));
        List<String> named = new ArrayList<>(List.of("SHA256SUMS"));
        for (String line : lines) {
            String[] parts = line.split("  ", 2);
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(directory.resolve(parts[1])));
            assertThat(HexFormat.of().formatHex(digest)).as(parts[1]).isEqualTo(parts[0]);
            named.add(parts[1]);
        }
        try (Stream<Path> files = Files.walk(directory)) {
            assertThat(files.filter(Files::isRegularFile)
                            .map(file -> directory.relativize(file).toString()))
                    .containsExactlyInAnyOrderElementsOf(named);
        }
    }
}
