package dev.quipforge.quantizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.quipforge.contracts.AssembleModel;
import dev.quipforge.contracts.Evaluation;
import dev.quipforge.contracts.Failure;
import dev.quipforge.contracts.Figures;
import dev.quipforge.contracts.GroupFiles;
import dev.quipforge.contracts.PublishModel;
import dev.quipforge.contracts.QuantizationRecipe;
import dev.quipforge.contracts.QuantizeGroup;
import dev.quipforge.contracts.Task;
import dev.quipforge.contracts.TaskCommand;
import dev.quipforge.contracts.TaskEvent.TaskFailed;
import dev.quipforge.contracts.TaskEvent.TaskSucceeded;
import dev.quipforge.contracts.TaskResult;
import dev.quipforge.contracts.TaskResult.GroupQuantized;
import dev.quipforge.contracts.TaskResult.ModelAssembled;
import dev.quipforge.contracts.TaskResult.ModelPublished;
import dev.quipforge.contracts.TaskResult.QuantizedLinear;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.kit.artifact.Artifact;
import dev.quipforge.kit.artifact.ArtifactCache;
import dev.quipforge.kit.artifact.CacheProperties;
import dev.quipforge.kit.artifact.CachedDirectory;
import dev.quipforge.kit.compute.Devices;
import dev.quipforge.kit.task.ServiceUnderTest;
import dev.quipforge.llm.checkpoint.Checksums;
import dev.quipforge.llm.config.QuantizationCode;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.pipeline.LocalQuantization;
import dev.quipforge.llm.quantization.GroupReport;
import dev.quipforge.llm.testing.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

class QuantizerServiceTest {

    private static final QuantizationRecipe RECIPE =
            new QuantizationRecipe("qtip", "3inst", 2, "seam", "ldlq", "hadamard", 0, 42);
    private static final QuantizationConfig SETTINGS = QuantizationConfig.of(QuantizationCode.THREE_INST, 2, 42);

    private static final List<List<String>> NAMES =
            Collections.nCopies(2, List.of("attention-in", "attention-out", "mlp-in", "mlp-down"));

    @TempDir
    static Path folder;

    private static Path original;
    private static ServiceUnderTest service;

    @BeforeAll
    static void start() throws IOException {
        original = TestModels.tiny(folder.resolve("tiny"), 1);
        service = new ServiceUnderTest(QuantizerConfiguration.class, "quantizer-service", folder);
        service.store().putDirectory("models/tiny", original);
        service.store().putDirectory("calibration/tiny", TinyCalibration.hessians(backend(), original, folder));
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void aModelIsQuantizedAssembledAndPublishedAsInOneProcess() throws IOException {
        LocalQuantization.Result expected = inThisProcess();
        List<GroupQuantized> groups = groups();
        List<QuantizedLinear> linears =
                groups.stream().flatMap(group -> group.linears().stream()).toList();
        assertThat(linears)
                .extracting(QuantizedLinear::name, QuantizedLinear::bits, QuantizedLinear::proxyLoss)
                .containsExactlyElementsOf(expected.groups().stream()
                        .map(GroupReport::linears)
                        .flatMap(List::stream)
                        .map(linear -> tuple(linear.name(), linear.bits(), linear.proxyLoss()))
                        .toList());

        ModelAssembled assembled = assembled(groups);
        assertThat(assembled.weightBytes()).isEqualTo(expected.figures().quantizedBytes());
        for (String name : List.of("model.safetensors", "config.json", "tokenizer.json")) {
            assertThat(service.store().read("checkpoints/k/" + name))
                    .as(name)
                    .isEqualTo(Files.readAllBytes(expected.output().resolve(name)));
        }

        ModelPublished published = published(linears, assembled);
        assertThat(published.files()).isEqualTo(5);
        requireComplete("checkpoints/k", published);
    }

    @Test
    void aGroupThatComesTwiceIsQuantizedOnce() {
        QuantizeGroup task = new QuantizeGroup(
                "models/tiny",
                1,
                "mlp-down",
                "calibration/tiny/1/mlp-down.safetensors",
                null,
                RECIPE,
                "quantized/twice/1/mlp-down.safetensors");
        TaskResult first = result(task);
        service.store().delete(task.output());

        assertThat(result(task)).isEqualTo(first);
        assertThat(service.store().exists(task.output())).isFalse();
    }

    @Test
    void aRecipeThatCannotBeIsRefused() {
        assertThat(failure(group(new QuantizationRecipe("qtip", "3inst", 7, "seam", "ldlq", "hadamard", 0, 1)))
                        .message())
                .contains("bits")
                .contains("7 (expected for code 3inst: one of [2, 3, 4])");
        assertThat(failure(group(new QuantizationRecipe("gptq", "3inst", 2, "seam", "ldlq", "hadamard", 0, 1)))
                        .message())
                .contains("gptq");
        assertThat(failure(group(new QuantizationRecipe("qtip", "magic", 2, "seam", "ldlq", "hadamard", 0, 1)))
                        .message())
                .contains("magic");
        assertThat(failure(group(new QuantizationRecipe("qtip", "3inst", 2, "loose", "ldlq", "hadamard", 0, 1)))
                        .code())
                .isEqualTo(Failure.Code.INVALID_INPUT);
    }

    @Test
    void aBlockThatTheModelDoesNotHaveIsRefused() {
        QuantizeGroup task = new QuantizeGroup(
                "models/tiny",
                2,
                "mlp-in",
                "calibration/tiny/1/mlp-in.safetensors",
                null,
                RECIPE,
                "quantized/none/2/mlp-in");

        assertThat(failure(task))
                .isEqualTo(new Failure(Failure.Code.INVALID_INPUT, "block", "block: 2 (expected: 0 to 1)"));
    }

    @Test
    void aHessianThatIsNotThereIsUnavailable() {
        QuantizeGroup task = new QuantizeGroup(
                "models/tiny",
                0,
                "mlp-in",
                "calibration/none/0/mlp-in.safetensors",
                null,
                RECIPE,
                "quantized/none/0/mlp-in");

        assertThat(failure(task).code()).isEqualTo(Failure.Code.ARTIFACT_UNAVAILABLE);
    }

    private static QuantizeGroup group(QuantizationRecipe recipe) {
        return new QuantizeGroup(
                "models/tiny",
                0,
                "mlp-in",
                "calibration/tiny/0/mlp-in.safetensors",
                null,
                recipe,
                "quantized/" + recipe.hashCode() + "/0/mlp-in.safetensors");
    }

    private static List<GroupQuantized> groups() {
        List<TaskCommand> commands = new ArrayList<>();
        for (int block = 0; block < 2; block++) {
            for (String input : List.of("attention-in", "attention-out", "mlp-in", "mlp-down")) {
                String name = block + "/" + input + ".safetensors";
                commands.add(service.bench()
                        .send(new QuantizeGroup(
                                "models/tiny",
                                block,
                                input,
                                "calibration/tiny/" + name,
                                null,
                                RECIPE,
                                "quantized/q/" + name)));
            }
        }
        return commands.stream()
                .map(command -> (GroupQuantized)
                        service.bench().await(command, TaskSucceeded.class).result())
                .toList();
    }

    private static ModelAssembled assembled(List<GroupQuantized> groups) {
        GroupFiles files =
                GroupFiles.of(groups.stream().map(GroupQuantized::output).toList());
        assertThat(groups).extracting(GroupQuantized::output).containsExactlyElementsOf(files.keys(NAMES));
        return (ModelAssembled) result(new AssembleModel("models/tiny", null, null, RECIPE, "checkpoints/k", files));
    }

    private static ModelPublished published(List<QuantizedLinear> linears, ModelAssembled assembled) {
        Evaluation evaluation = new Evaluation(19.09, 36.1, 0.61, 0.55, 124, 4, 32, 1);
        double loss = linears.stream()
                .mapToDouble(QuantizedLinear::proxyLoss)
                .average()
                .orElseThrow();
        long bytes = assembled.weightBytes();
        Figures figures = new Figures(evaluation, 200_000, bytes, bytes - 12_345, 2 * bytes, 2.1, loss);
        return (ModelPublished) result(new PublishModel("checkpoints/k", "tiny", RECIPE, null, figures));
    }

    private static void requireComplete(String checkpoint, ModelPublished published) {
        assertThat(service.store().list(checkpoint + "/").stream()
                        .mapToLong(Artifact::bytes)
                        .sum())
                .isEqualTo(published.bytes());
        ArtifactCache fresh = new ArtifactCache(
                service.store(),
                new CacheProperties(folder.resolve("fresh"), DataSize.ofGigabytes(1)),
                Clock.systemUTC());
        try (CachedDirectory directory = fresh.open(checkpoint);
                ModelDirectory model = ModelDirectory.open(directory.path())) {
            Checksums.verify(directory.path());
            assertThat(directory.path().resolve("README.md"))
                    .content()
                    .contains("# tiny, 2 bits", "36.100", "norms | 12,345 bytes", "whole model | 4.000");
            assertThat(model.config().quantization()).isPresent();
            assertThat(model.weightBytes()).isLessThan(published.bytes());
        }
    }

    private static TaskResult result(Task task) {
        TaskCommand command = service.bench().send(task);
        return service.bench().await(command, TaskSucceeded.class).result();
    }

    private static Failure failure(Task task) {
        TaskCommand command = service.bench().send(task);
        return service.bench().await(command, TaskFailed.class).failure();
    }

    private static LocalQuantization.Result inThisProcess() {
        return LocalQuantization.run(
                backend(),
                new LocalQuantization.Request(
                        original,
                        folder.resolve("local"),
                        TinyCalibration.SOURCE,
                        QuantizationScheme.uniform(SETTINGS)),
                LocalQuantization.StageListener.NONE);
    }

    private static ComputeBackend backend() {
        return (ComputeBackend) service.context().getBean(Devices.class).first();
    }
}
