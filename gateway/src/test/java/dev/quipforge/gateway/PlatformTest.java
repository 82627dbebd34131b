package dev.quipforge.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.contracts.Failure;
import dev.quipforge.contracts.PublishModel;
import dev.quipforge.contracts.QuantizeGroup;
import dev.quipforge.contracts.TaskCommand;
import dev.quipforge.contracts.TaskEvent;
import dev.quipforge.kit.artifact.ArtifactStore;
import dev.quipforge.kit.artifact.Digests;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Whole jobs over REST, Kafka, PostgreSQL and S3; only the workers are played. */
class PlatformTest {

    private final Http http = new Http();

    @Test
    void aJobRunsThroughAllStagesToItsModel() {
        try (Workers workers = new Workers(TestPlatform.shared().brokers(), PlatformTest::publishForReal)) {
            Http.Answer submitted = http.post("/api/v1/jobs", Submissions.FULL);
            assertThat(submitted.status()).isEqualTo(201);
            String path = submitted.response().headers().firstValue("Location").orElseThrow();

            JsonNode job = ended(path);

            assertThat(job.get("state").asString()).isEqualTo("SUCCEEDED");
            assertThat(job.get("fraction").asDouble()).isEqualTo(1);
            assertThat(job.get("stages")
                            .valueStream()
                            .map(stage -> stage.get("total").asInt()))
                    .containsExactly(1, 4, 8, 1, 1, 1);
            assertThat(workers.commands(UUID.fromString(job.get("id").asString())))
                    .hasSize(16);
            report(path);
            tasks(path);
            artifacts(path);
        }
    }

    @Test
    void aTunedJobHasTheStagesAndTheReportOfIt() {
        try (Workers workers = new Workers(TestPlatform.shared().brokers(), PlatformTest::publishForReal)) {
            String path = "/api/v1/jobs/" + submit(Submissions.TUNED);

            JsonNode job = ended(path);

            assertThat(job.get("state").asString()).isEqualTo("SUCCEEDED");
            assertThat(job.get("stages")
                            .valueStream()
                            .map(stage -> stage.get("stage").asString() + " "
                                    + stage.get("total").asInt()))
                    .containsExactly(
                            "intake 1",
                            "calibrate 6",
                            "quantize 8",
                            "tune-blocks 8",
                            "tune-end-to-end 1",
                            "assemble 1",
                            "evaluate 1",
                            "publish 1");
            assertThat(workers.commands(UUID.fromString(job.get("id").asString())))
                    .hasSize(27);
            JsonNode report = http.get(path + "/report").json();
            assertThat(report.at("/recipe/tuning/mode").asString()).isEqualTo("blocks+end-to-end");
            assertThat(report.at("/recipe/tuning/preset").asString()).isEqualTo("fast");
            assertThat(report.at("/tuning/model/lossBefore").asDouble()).isEqualTo(0.62);
            assertThat(report.at("/tuning/model/lossAfter").asDouble()).isEqualTo(0.31);
            assertThat(report.at("/tuning/blocks").size()).isEqualTo(8);
            assertThat(report.at("/tuning/blocks/5/block").asInt()).isEqualTo(1);
            assertThat(report.at("/tuning/blocks/5/input").asString()).isEqualTo("attention-out");
            assertThat(report.at("/tuning/blocks/5/training/curve").toString()).isEqualTo("[0.375,0.25,0.5]");
            assertThat(report.at("/seconds").propertyNames()).contains("tune-blocks", "tune-end-to-end");
        }
    }

    @Test
    void aJobOnWhatTheModelWritesHasTheStageOfIt() {
        try (Workers _ = new Workers(TestPlatform.shared().brokers(), PlatformTest::publishForReal)) {
            String path = "/api/v1/jobs/" + submit(Submissions.SELF_GENERATED);

            JsonNode job = ended(path);

            assertThat(job.get("state").asString()).isEqualTo("SUCCEEDED");
            assertThat(job.get("stages")
                            .valueStream()
                            .limit(3)
                            .map(stage -> stage.get("stage").asString() + " "
                                    + stage.get("total").asInt()))
                    .containsExactly("intake 1", "generate 3", "calibrate 4");
            assertThat(job.at("/request/recipe/calibration/source").asString()).isEqualTo("self-generated");
            JsonNode report = http.get(path + "/report").json();
            assertThat(report.at("/recipe/calibration/source").asString()).isEqualTo("self-generated");
            assertThat(report.at("/seconds").propertyNames()).contains("generate");
        }
    }

    private void tasks(String path) {
        List<String> all = labels(http.get(path + "/tasks").json());
        JsonNode first = http.get(path + "/tasks?limit=10").json();
        JsonNode second = http.get(
                        path + "/tasks?limit=10&after=" + first.get("next").asString())
                .json();

        assertThat(all).hasSize(16);
        assertThat(labels(first)).isEqualTo(all.subList(0, 10));
        assertThat(labels(second)).isEqualTo(all.subList(10, 16));
        assertThat(second.get("next").isNull()).isTrue();
        assertThat(labels(http.get(path + "/tasks?state=RUNNING&state=FAILED").json()))
                .isEmpty();
        assertThat(labels(http.get(path + "/tasks?state=SUCCEEDED").json())).isEqualTo(all);
    }

    private static List<String> labels(JsonNode tasks) {
        return tasks.get("tasks")
                .valueStream()
                .map(task -> task.get("label").asString())
                .toList();
    }

    private void report(String path) {
        JsonNode report = http.get(path + "/report").json();
        assertThat(report.at("/perplexity/original").asDouble()).isEqualTo(19.09);
        assertThat(report.at("/perplexity/quantized").asDouble()).isEqualTo(36.1);
        assertThat(report.at("/perplexity/specialTokens").asInt()).isEqualTo(1);
        assertThat(report.at("/klDivergence/mean").asDouble()).isEqualTo(0.62);
        assertThat(report.at("/topAgreement").asDouble()).isEqualTo(0.71);
        assertThat(report.at("/bytes/original").asLong()).isEqualTo(40_000);
        assertThat(report.at("/bytes/quantized").asLong()).isEqualTo(2_500);
        assertThat(report.at("/bytes/linears").asLong()).isEqualTo(2_020);
        assertThat(report.at("/bytes/others").asLong()).isEqualTo(480);
        assertThat(report.at("/bitsPerParameter").asDouble()).isEqualTo(1);
        assertThat(report.at("/bitsPerWeight").asDouble()).isEqualTo(2.02);
        assertThat(report.at("/proxyLoss/mean").asDouble()).isEqualTo(0.03);
        assertThat(report.at("/proxyLoss/linears").size()).isEqualTo(8);
        assertThat(report.has("tuning")).isFalse();
        assertThat(report.has("experts")).isFalse();
        assertThat(report.at("/encodeWeightsPerSecond").asDouble()).isEqualTo(2_000);
        assertThat(report.at("/seconds").propertyNames())
                .containsExactly("intake", "calibrate", "quantize", "assemble", "evaluate", "publish", "total");
    }

    @Test
    void aReportSaysHowManyTokensReachedEachExpert() {
        try (Workers _ = new Workers(TestPlatform.shared().brokers(), PlatformTest::publishForReal)) {
            String path = "/api/v1/jobs/" + submit(Submissions.MIXTURE);
            assertThat(ended(path).get("state").asString()).isEqualTo("SUCCEEDED");

            JsonNode report = http.get(path + "/report").json();
            assertThat(report.at("/proxyLoss/linears")
                            .valueStream()
                            .map(linear -> linear.get("name").asString()))
                    .as("those that all tokens go through")
                    .hasSize(4)
                    .allMatch(name -> name.contains("attention"));
            assertThat(report.at("/proxyLoss/linears/0/tokens").asLong()).isEqualTo(51_200);
            assertThat(report.get("experts").toString()).isEqualTo("[%s,%s]".formatted(expertsOf(0), expertsOf(1)));

            JsonNode block = http.get(path + "/report/blocks/1").json();
            assertThat(block.get("linears").size()).isEqualTo(2);
            assertThat(block.get("experts").size()).isEqualTo(4);
            JsonNode second = block.at("/experts/1");
            assertThat(second.get("expert").asInt()).isEqualTo(1);
            assertThat(second.get("tokens").asLong()).isEqualTo(100);
            assertThat(second.get("prior").asDouble()).isEqualTo(0.25);
            assertThat(second.get("linears").size()).isEqualTo(3);
            assertThat(second.at("/linears/2/name").asString()).isEqualTo("experts.1.down");
            assertThat(http.get(path + "/report/blocks/2").json().get("detail").asString())
                    .contains("block 2", "not found (expected: 0 to 1)");
        }
    }

    private static String expertsOf(int block) {
        return "{\"block\":%d,\"experts\":4,\"tokens\":{\"least\":0,\"median\":200,\"most\":300},\"filledUp\":2,\"unseen\":[0],\"bitsPerWeight\":2.02,\"proxyLoss\":0.03}"
                .formatted(block);
    }

    private void artifacts(String path) {
        JsonNode list = http.get(path + "/artifacts").json();
        assertThat(list.get("complete").asBoolean()).isTrue();
        assertThat(list.get("artifacts")
                        .valueStream()
                        .map(entry -> entry.get("path").asString()))
                .containsExactly("SHA256SUMS", "model.safetensors");
        assertThat(list.at("/artifacts/1/sha256").asString()).isEqualTo(Digests.sha256(bytes("weights")));

        HttpResponse<byte[]> file = http.send(
                http.request(path + "/artifacts/model.safetensors").GET(), HttpResponse.BodyHandlers.ofByteArray());
        assertThat(file.body()).isEqualTo(bytes("weights"));
        assertThat(file.headers().firstValueAsLong("Content-Length")).hasValue(7);

        for (String other : List.of("nothing", "..%2F..%2Fother", "%2e%2e/%2e%2e/models/d1/x", "a%5c..%5cb")) {
            Http.Answer missing = http.get(path + "/artifacts/" + other);
            assertThat(missing.status()).as(other).isIn(400, 404);
        }
    }

    private static List<TaskEvent> publishForReal(TaskCommand command) {
        if (command.work() instanceof PublishModel publish) {
            ArtifactStore store = TestPlatform.gateway().getBean(ArtifactStore.class);
            store.put(publish.checkpoint() + "/model.safetensors", bytes("weights"));
            String sums = Digests.sha256(bytes("weights")) + "  model.safetensors\n";
            store.put(publish.checkpoint() + "/SHA256SUMS", bytes(sums));
        }
        return Workers.succeed(command);
    }

    @Test
    void aFailedJobSaysWhichTaskWhereAndWhy() {
        Failure failure = new Failure(
                Failure.Code.INVALID_INPUT, "model.safetensors", "header claims 9 bytes (expected: at most 8)");
        try (Workers workers = new Workers(
                TestPlatform.shared().brokers(),
                command -> command.work() instanceof QuantizeGroup group && group.block() == 1
                        ? List.of(Workers.started(command), failed(command, failure))
                        : Workers.succeed(command))) {
            String path = "/api/v1/jobs/" + submit(Submissions.SHORT);

            JsonNode job = ended(path);

            assertThat(job.get("state").asString()).isEqualTo("FAILED");
            assertThat(job.at("/failure/task").asString()).startsWith("quantize block 1 ");
            assertThat(job.at("/failure/stage").asString()).isEqualTo("quantize");
            assertThat(job.at("/failure/code").asString()).isEqualTo("INVALID_INPUT");
            assertThat(job.at("/failure/place").asString()).isEqualTo("model.safetensors");
            assertThat(job.at("/failure/message").asString()).startsWith("header claims 9 bytes");
            assertThat(http.get(path + "/report").status()).isEqualTo(409);
            assertThat(http.get(path + "/artifacts").json().get("complete").asBoolean())
                    .isFalse();
            Eventually.get(workers::stopped, stopped -> stopped.contains(id(job)));
        }
    }

    @Test
    void aCancelledJobStaysCancelledAndItsWorkersAreTold() {
        try (Workers workers =
                new Workers(TestPlatform.shared().brokers(), command -> List.of(Workers.started(command)))) {
            String path = "/api/v1/jobs/" + submit(Submissions.SHORT);
            JsonNode running = Eventually.get(
                    () -> http.get(path).json(),
                    job -> job.get("state").asString().equals("RUNNING"));

            Http.Answer cancelled = http.delete(path);

            assertThat(cancelled.status()).isEqualTo(202);
            assertThat(cancelled.json().get("state").asString()).isEqualTo("CANCELLED");
            Eventually.get(workers::stopped, stopped -> stopped.contains(id(running)));
            workers.commands(id(running)).forEach(command -> workers.send("any", json(Workers.succeeded(command))));
            assertThat(http.delete(path).status()).isEqualTo(409);
            assertThat(http.get(path).json().get("state").asString()).isEqualTo("CANCELLED");
            assertThat(http.get(path + "/tasks").json().at("/tasks/0/state").asString())
                    .isEqualTo("CANCELLED");
        }
    }

    @Test
    void whatIsNoEventIsPassedOver() {
        try (Workers workers = new Workers(TestPlatform.shared().brokers(), Workers::succeed)) {
            workers.send("any", "this is no JSON");
            workers.send("any", "{\"type\":\"TaskExploded\"}");

            JsonNode job = ended("/api/v1/jobs/" + submit(Submissions.SHORT));

            assertThat(job.get("state").asString()).isEqualTo("SUCCEEDED");
        }
    }

    private String submit(String body) {
        return http.post("/api/v1/jobs", body).json().get("id").asString();
    }

    private JsonNode ended(String path) {
        return Eventually.get(
                () -> http.get(path).json(), job -> !job.get("finishedAt").isNull());
    }

    private static UUID id(JsonNode job) {
        return UUID.fromString(job.get("id").asString());
    }

    private static TaskEvent failed(TaskCommand command, Failure failure) {
        return new TaskEvent.TaskFailed(
                command.job(), command.task(), command.attempt(), Workers.NAME, Instant.EPOCH, failure);
    }

    private static String json(TaskEvent event) {
        return dev.quipforge.kit.json.ContractsJson.mapper()
                .writerFor(TaskEvent.class)
                .writeValueAsString(event);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
