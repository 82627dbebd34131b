package dev.quipforge.inference;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.contracts.EvaluateModel;
import dev.quipforge.contracts.Evaluation;
import dev.quipforge.contracts.Failure;
import dev.quipforge.contracts.TaskCommand;
import dev.quipforge.contracts.TaskEvent.TaskFailed;
import dev.quipforge.contracts.TaskEvent.TaskSucceeded;
import dev.quipforge.contracts.TaskResult.ModelEvaluated;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.kit.compute.Devices;
import dev.quipforge.kit.json.ContractsJson;
import dev.quipforge.kit.task.ServiceUnderTest;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.evaluation.Comparison;
import dev.quipforge.llm.generation.Generation;
import dev.quipforge.llm.generation.Generator;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.sampling.Sampling;
import dev.quipforge.llm.serving.Engine;
import dev.quipforge.llm.serving.EngineSettings;
import dev.quipforge.llm.testing.TestModels;
import dev.quipforge.llm.tokenizer.TextWindows;
import dev.quipforge.llm.transformer.ServedDecoder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class InferenceServiceTest {

    private static final String TEXT = TestModels.text(150, 5);

    @TempDir
    static Path folder;

    private static Path original;
    private static Path changed;
    private static ServiceUnderTest service;
    private static HttpClient http;

    @BeforeAll
    static void start() {
        original = TestModels.tiny(folder.resolve("original"), 1);
        changed = TestModels.tiny(folder.resolve("changed"), 2);
        service = new ServiceUnderTest(
                InferenceConfiguration.class, "inference-service", folder, "quipforge.compute.backend=scalar");
        service.store().putDirectory("models/first", original);
        service.store().put("models/first/SHA256SUMS", "-".getBytes(UTF_8));
        service.store().putDirectory("checkpoints/second", changed);
        service.store().put("checkpoints/second/SHA256SUMS", "-".getBytes(UTF_8));
        service.store().putDirectory("checkpoints/unfinished", changed);
        service.store().put("texts/t.txt", TEXT.getBytes(UTF_8));
        http = HttpClient.newHttpClient();
    }

    @AfterAll
    static void stop() {
        http.close();
        service.close();
    }

    @Test
    void anEvaluationIsThatOfTheSameWorkInOneProcess() {
        EvaluateModel task =
                new EvaluateModel("models/first", "checkpoints/second", "texts/t.txt", 32, "evaluations/e.json");

        Evaluation evaluation = evaluated(task);

        Comparison expected = inThisProcess();
        assertThat(evaluation.originalPerplexity())
                .isCloseTo(expected.original().perplexity(), within(1e-9));
        assertThat(evaluation.quantizedPerplexity())
                .isCloseTo(expected.quantized().perplexity(), within(1e-9));
        assertThat(evaluation.meanDivergence()).isCloseTo(expected.meanDivergence(), within(1e-9));
        assertThat(evaluation.windows()).isEqualTo(4);
        assertThat(evaluation.tokens()).isEqualTo(4 * 31);
        assertThat(ContractsJson.mapper().readValue(service.store().read("evaluations/e.json"), Evaluation.class))
                .isEqualTo(evaluation);

        service.store().delete("texts/t.txt");
        assertThat(evaluated(task)).isEqualTo(evaluation);
        service.store().put("texts/t.txt", TEXT.getBytes(UTF_8));
    }

    @Test
    void aWindowLongerThanTheContextIsRefused() {
        TaskCommand command = service.bench()
                .send(new EvaluateModel(
                        "models/first", "checkpoints/second", "texts/t.txt", 257, "evaluations/f.json"));

        assertThat(service.bench().await(command, TaskFailed.class).failure())
                .isEqualTo(new Failure(
                        Failure.Code.INVALID_INPUT,
                        "evaluation.window",
                        "evaluation.window: 257 (expected: at most 256 of this model)"));
    }

    @Test
    void completeModelsAreListed() throws Exception {
        JsonNode models = json(get("/v1/models"));

        assertThat(models.path("object").stringValue()).isEqualTo("list");
        assertThat(models.path("data")
                        .valueStream()
                        .map(model -> model.path("id").stringValue()))
                .containsExactly("models/first", "checkpoints/second");
    }

    @Test
    void aCompletionIsThatOfTheModelWithItsUsage() throws Exception {
        HttpResponse<String> answer = post("""
                {"model": "models/first", "prompt": "hello", "max_tokens": 12, "temperature": 0.8, "top_p": 0.9, "seed": 7}
                """);

        Generation expected = generated(new Sampling(12, 0.8, 0.9, 7, List.of()));
        JsonNode completion = json(answer);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(completion.path("object").stringValue()).isEqualTo("text_completion");
        assertThat(completion.path("id").stringValue()).startsWith("cmpl-");
        JsonNode choice = completion.path("choices").path(0);
        assertThat(choice.path("text").stringValue()).isEqualTo(expected.text());
        assertThat(choice.path("finish_reason").stringValue())
                .isEqualTo(expected.end() == Generation.End.STOP ? "stop" : "length");
        assertThat(completion.path("usage").path("prompt_tokens").intValue()).isEqualTo(5);
        assertThat(completion.path("usage").path("completion_tokens").intValue())
                .isEqualTo(expected.tokens());
        assertThat(completion.path("usage").path("total_tokens").intValue()).isEqualTo(5 + expected.tokens());
    }

    @Test
    void aStreamHoldsTheSameTextInPieces() throws Exception {
        HttpResponse<String> answer = post("""
                {"model": "models/first", "prompt": ["hello"], "max_tokens": 12, "temperature": 0.8, "seed": 7,
                 "stream": true, "stream_options": {"include_usage": true}}
                """);

        assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("text/event-stream");
        List<String> events = List.of(answer.body().split("\n\n"));
        assertThat(events).allSatisfy(event -> assertThat(event).startsWith("data: "));
        assertThat(events.getLast()).isEqualTo("data: [DONE]");
        List<JsonNode> pieces = events.subList(0, events.size() - 1).stream()
                .map(event -> ContractsJson.mapper().readTree(event.substring("data: ".length())))
                .toList();
        StringBuilder text = new StringBuilder();
        pieces.forEach(
                piece -> text.append(piece.path("choices").path(0).path("text").asString("")));
        assertThat(text.toString())
                .isEqualTo(generated(new Sampling(12, 0.8, 1, 7, List.of())).text());
        assertThat(pieces.stream().map(piece -> piece.path("id").stringValue()).distinct())
                .hasSize(1);
        assertThat(pieces.get(pieces.size() - 2)
                        .path("choices")
                        .path(0)
                        .path("finish_reason")
                        .stringValue())
                .isIn("length", "stop");
        assertThat(pieces.getLast().path("usage").path("prompt_tokens").intValue())
                .isEqualTo(5);
    }

    @Test
    void aQuantizedModelAnswersToo() throws Exception {
        HttpResponse<String> answer =
                post("{\"model\": \"checkpoints/second\", \"prompt\": \"x\", \"temperature\": 0}");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(json(answer).path("model").stringValue()).isEqualTo("checkpoints/second");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"model\": \"models/none\", \"prompt\": \"x\"}|404|model|model: models/none (expected: one of /v1/models)",
                "{\"model\": \"checkpoints/unfinished\", \"prompt\": \"x\"}|404|model|model: checkpoints/unfinished (expected: one of /v1/models)",
                "{\"model\": \"checkpoints/../models/first\", \"prompt\": \"x\"}|404|model|model: checkpoints/../models/first (expected: one of /v1/models)",
                "{\"prompt\": \"x\"}|400|model|model: missing (expected: a text)",
                "{\"model\": \"models/first\"}|400|prompt|prompt: not supported (expected: one text)",
                "{\"model\": \"models/first\", \"prompt\": \"x\", \"temperature\": 3}|400|temperature|temperature: 3.0 (expected: 0 to 2)",
                "{\"model\": \"models/first\", \"prompt\": \"x\", \"max_tokens\": 0}|400|max_tokens|max_tokens: 0 (expected: 1 to 4096)",
                "{\"model\": \"models/first\", \"prompt\": \"x\", \"top_p\": 0}|400|top_p|top_p: 0.0 (expected: above 0, at most 1)",
                "{\"model\": \"models/first\", \"prompt\": \"x\", \"n\": 2}|400|n|n: 2 is not supported (expected: one of [1])",
                "{\"model\": \"models/first\", \"prompt\": \"x\", \"mood\": 2}|400|mood|mood: unknown field",
                "{\"model\": |400||the body is no JSON object",
                "[]|400||the body is no JSON object"
            })
    void aRequestThatCannotBeAnsweredSaysWhy(String body, int status, String field, String message) throws Exception {
        HttpResponse<String> answer = post(body);

        assertThat(answer.statusCode()).isEqualTo(status);
        JsonNode error = json(answer).path("error");
        assertThat(error.path("type").stringValue()).isEqualTo("invalid_request_error");
        assertThat(error.path("param").asString("")).isEqualTo(field == null ? "" : field);
        assertThat(error.path("message").stringValue()).isEqualTo(message);
    }

    @Test
    void aPromptLongerThanTheContextIsRefused() throws Exception {
        HttpResponse<String> answer = post("{\"model\": \"models/first\", \"prompt\": \"" + "x".repeat(256) + "\"}");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(json(answer).path("error").path("param").stringValue()).isEqualTo("prompt");
    }

    private static Evaluation evaluated(EvaluateModel task) {
        TaskCommand command = service.bench().send(task);
        return ((ModelEvaluated)
                        service.bench().await(command, TaskSucceeded.class).result())
                .evaluation();
    }

    private static Comparison inThisProcess() {
        ComputeBackend backend =
                (ComputeBackend) service.context().getBean(Devices.class).first();
        try (ModelDirectory first = ModelDirectory.open(original);
                ModelDirectory second = ModelDirectory.open(changed)) {
            TextWindows windows = TextWindows.cut(first.tokenizer(), TEXT, 32, "text");
            return Comparison.measure(backend, first, second, windows, Progress.NONE);
        }
    }

    private static Generation generated(Sampling sampling) {
        ComputeBackend backend =
                (ComputeBackend) service.context().getBean(Devices.class).first();
        try (ModelDirectory directory = ModelDirectory.open(original);
                Engine engine = Engine.start(
                        ServedDecoder.load(backend, directory, Progress.NONE),
                        EngineSettings.of(directory.config(), 1 << 24))) {
            return new Generator(engine, directory.tokenizer()).generate("hello", sampling, piece -> {});
        }
    }

    private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(service.url() + path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(String body) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(service.url() + "/v1/completions"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return ContractsJson.mapper().readTree(answer.body());
    }
}
