package dev.quipforge.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.contracts.ReduceHessians;
import dev.quipforge.contracts.TaskCommand;
import dev.quipforge.contracts.TaskEvent.TaskFailed;
import dev.quipforge.contracts.WorkQueue;
import dev.quipforge.kit.json.ContractsJson;
import dev.quipforge.kit.task.ServiceUnderTest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FinetuneServiceTest {

    @TempDir
    static Path folder;

    private static ServiceUnderTest service;

    @BeforeAll
    static void start() {
        service = new ServiceUnderTest(FinetuneConfiguration.class, "finetune-service", folder);
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void itIsHealthyAndCountsItself() throws Exception {
        assertThat(get("/actuator/health/readiness")).contains("\"status\":\"UP\"");
        assertThat(get("/actuator/prometheus")).contains("quipforge_tasks_active 0.0");
    }

    @Test
    void aTaskThatItCannotDoIsReportedAndNotKept() {
        TaskCommand command = new TaskCommand(
                UUID.randomUUID(),
                UUID.randomUUID(),
                1,
                new ReduceHessians(0, List.of("mlp-in"), List.of("calibration/a/shards/0-1"), "calibration/a"));
        service.bench()
                .sendRaw(WorkQueue.FINETUNE.topic(), "k", ContractsJson.mapper().writeValueAsBytes(command));

        assertThat(service.bench().await(command, TaskFailed.class).failure().message())
                .isEqualTo("ReduceHessians: not a task of this worker (expected: [])");
    }

    private static String get(String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(service.url() + path))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }
}
