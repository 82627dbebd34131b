package dev.quipforge.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.contracts.Activations;
import dev.quipforge.contracts.Failure;
import dev.quipforge.contracts.ReduceHessians;
import dev.quipforge.contracts.Task;
import dev.quipforge.contracts.TaskCommand;
import dev.quipforge.contracts.TaskEvent.TaskFailed;
import dev.quipforge.contracts.TaskEvent.TaskSucceeded;
import dev.quipforge.contracts.TaskResult;
import dev.quipforge.contracts.TaskResult.BlockTuned;
import dev.quipforge.contracts.TaskResult.ModelTuned;
import dev.quipforge.contracts.TuneBlock;
import dev.quipforge.contracts.TuningFigures;
import dev.quipforge.contracts.TuningRecipe;
import dev.quipforge.contracts.WorkQueue;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.kit.compute.Devices;
import dev.quipforge.kit.json.ContractsJson;
import dev.quipforge.kit.task.ServiceUnderTest;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.tuning.BlockTuner;
import dev.quipforge.llm.tuning.ModelTuner;
import dev.quipforge.llm.tuning.TuningCheckpoints;
import dev.quipforge.llm.tuning.TuningReport;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FinetuneServiceTest {

    private static final TuningRecipe TUNING = Trainings.epochs(3);

    @TempDir
    static Path folder;

    private static ServiceUnderTest service;
    private static Trainings trainings;

    @BeforeAll
    static void start() {
        service = new ServiceUnderTest(
                FinetuneConfiguration.class,
                "finetune-service",
                folder,
                "quipforge.compute.backend=vector",
                "quipforge.tuning.checkpoint-interval=0s");
        trainings = Trainings.make(folder.resolve("tiny"), service.store());
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
    void aBlockIsTunedAsInOneProcess() throws IOException {
        TuneBlock task = trainings.block(2, null, TUNING, "tuned/block/1/attention-out.safetensors");

        BlockTuned tuned = (BlockTuned) result(task);

        Path expected = folder.resolve("block.safetensors");
        TuningReport report;
        try (ModelDirectory model = trainings.models().open()) {
            BlockTuner.Task work = new BlockTuner.Task(
                    model.linearGroups().get(5),
                    trainings.models().groups(model, 1, 2),
                    List.of(),
                    trainings.models().activations(1),
                    trainings.models().activations(2));
            report = new BlockTuner(
                            backend(), model, trainings.models().scheme(), Recipes.settings(TUNING, model.config()))
                    .tune(work, expected, TuningCheckpoints.NONE, Progress.NONE);
        }
        assertThat(tuned.block()).isEqualTo(1);
        assertThat(tuned.input()).isEqualTo("attention-out");
        assertFigures(tuned.figures(), report);
        assertStored(tuned.output(), expected);
        assertThat(service.store().list("trainings/")).isEmpty();
    }

    @Test
    void aModelIsTunedAfterItsBlocksAsInOneProcess() throws IOException {
        TuneBlock block = trainings.block(4, null, TUNING, "tuned/model/1/mlp-down.safetensors");
        BlockTuned first = (BlockTuned) result(block);

        ModelTuned tuned =
                (ModelTuned) result(trainings.model(List.of(first.output()), TUNING, "tuned/model/model.safetensors"));

        Path overlay = folder.resolve("overlay.safetensors");
        service.store().download(first.output(), overlay);
        Path expected = folder.resolve("model.safetensors");
        TuningReport report;
        try (ModelDirectory model = trainings.models().open()) {
            ModelTuner.Task work = new ModelTuner.Task(
                    trainings.models().groups(model),
                    List.of(overlay),
                    trainings.models().windows(),
                    trainings.models().activations(2));
            report = new ModelTuner(
                            backend(), model, trainings.models().scheme(), Recipes.settings(TUNING, model.config()))
                    .tune(work, expected, TuningCheckpoints.NONE, Progress.NONE);
        }
        assertFigures(tuned.figures(), report);
        assertStored(tuned.output(), expected);
    }

    @Test
    void whatWasTunedBeforeIsWhereTheNextTrainingBegins() {
        BlockTuned first = (BlockTuned) result(trainings.block(4, null, TUNING, "tuned/chain/1/first.safetensors"));
        BlockTuned second =
                (BlockTuned) result(trainings.block(4, first.output(), TUNING, "tuned/chain/1/second.safetensors"));

        assertThat(second.figures().lossBefore())
                .isCloseTo(first.figures().lossAfter(), Percentage.withPercentage(0.1));
    }

    @Test
    void aTaskThatComesTwiceIsTunedOnce() {
        TuneBlock task = trainings.block(1, null, TUNING, "tuned/twice/1/attention-in.safetensors");
        TaskResult first = result(task);
        service.store().delete(task.output());

        assertThat(result(task)).isEqualTo(first);
        assertThat(service.store().exists(task.output())).isFalse();
    }

    @Test
    void whatCannotBeIsRefused() {
        TuneBlock task = trainings.block(1, null, TUNING, "tuned/refused/1/attention-in.safetensors");
        TuningRecipe mode = new TuningRecipe("everything", "standard", null, null, null, null);
        TuningRecipe preset = new TuningRecipe("blocks", "slow", null, null, null, null);

        assertThat(failure(with(task, 1, task.activations(), mode)).message())
                .isEqualTo("tuning: everything (expected: one of [none, blocks, blocks+end-to-end])");
        assertThat(failure(with(task, 1, task.activations(), preset)).code()).isEqualTo(Failure.Code.INVALID_INPUT);
        assertThat(failure(with(task, 2, task.activations(), TUNING)).message())
                .isEqualTo("block: 2 (expected: 0 to 1)");
        Activations others = new Activations("activations/tiny", List.of("0-5", "5-11"));
        assertThat(failure(with(task, 1, others, TUNING)))
                .isEqualTo(new Failure(
                        Failure.Code.ARTIFACT_UNAVAILABLE,
                        "activations/tiny",
                        "activations/tiny: 5-11: not among the hidden states"));
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
                .isEqualTo("ReduceHessians: not a task of this worker (expected: [TuneBlock, TuneModel])");
    }

    private static TuneBlock with(TuneBlock task, int block, Activations activations, TuningRecipe tuning) {
        return new TuneBlock(
                task.model(),
                block,
                task.input(),
                task.groups(),
                task.overlay(),
                activations,
                task.recipe(),
                tuning,
                task.output());
    }

    private static void assertFigures(TuningFigures figures, TuningReport report) {
        assertThat(figures.name()).isEqualTo(report.name());
        assertThat(figures.lossBefore()).isEqualTo(report.lossBefore());
        assertThat(figures.lossAfter()).isEqualTo(report.lossAfter()).isLessThan(report.lossBefore());
        assertThat(figures.curve()).isEqualTo(report.curve()).hasSize(3);
        assertThat(figures.trainingWindows()).isEqualTo(8);
        assertThat(figures.validationWindows()).isEqualTo(2);
        assertThat(figures.seconds()).isPositive();
    }

    private static void assertStored(String key, Path expected) throws IOException {
        Path stored = folder.resolve("stored.safetensors");
        service.store().download(key, stored);
        SameTensors.require(expected, stored);
    }

    private static TaskResult result(Task task) {
        TaskCommand command = service.bench().send(task);
        return service.bench().await(command, TaskSucceeded.class).result();
    }

    private static Failure failure(Task task) {
        TaskCommand command = service.bench().send(task);
        return service.bench().await(command, TaskFailed.class).failure();
    }

    private static ComputeBackend backend() {
        return (ComputeBackend) service.context().getBean(Devices.class).first();
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
