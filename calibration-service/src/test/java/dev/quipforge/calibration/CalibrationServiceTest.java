package dev.quipforge.calibration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.contracts.CalibrateShard;
import dev.quipforge.contracts.CaptureActivations;
import dev.quipforge.contracts.Failure;
import dev.quipforge.contracts.GenerateWindows;
import dev.quipforge.contracts.ImportModel;
import dev.quipforge.contracts.ImportModel.CalibrationSource;
import dev.quipforge.contracts.JoinWindows;
import dev.quipforge.contracts.ReduceHessians;
import dev.quipforge.contracts.Task;
import dev.quipforge.contracts.TaskCommand;
import dev.quipforge.contracts.TaskEvent.TaskFailed;
import dev.quipforge.contracts.TaskEvent.TaskSucceeded;
import dev.quipforge.contracts.TaskResult.ActivationsCaptured;
import dev.quipforge.contracts.TaskResult.HessiansReduced;
import dev.quipforge.contracts.TaskResult.ModelImported;
import dev.quipforge.contracts.TaskResult.ShardCalibrated;
import dev.quipforge.contracts.TaskResult.WindowsGenerated;
import dev.quipforge.contracts.TaskResult.WindowsJoined;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.kit.artifact.Artifact;
import dev.quipforge.kit.artifact.Digests;
import dev.quipforge.kit.compute.Devices;
import dev.quipforge.kit.task.ServiceUnderTest;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.architecture.LinearGroup;
import dev.quipforge.llm.calibration.CalibrationSource.SelfGenerated;
import dev.quipforge.llm.calibration.CalibrationWindows;
import dev.quipforge.llm.calibration.HessianCollector;
import dev.quipforge.llm.calibration.HessianReducer;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.testing.TestModels;
import dev.quipforge.llm.tuning.ActivationCollector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CalibrationServiceTest {

    private static final int CONTEXT = 16;
    private static final int SAMPLES = 6;
    private static final List<String> INPUTS = List.of("attention-in", "attention-out", "mlp-in", "mlp-down");

    @TempDir
    static Path folder;

    private static Path models;
    private static Path calibrationText;
    private static Path evaluationText;
    private static ServiceUnderTest service;

    @BeforeAll
    static void start() throws IOException {
        models = Files.createDirectories(folder.resolve("models"));
        TestModels.tiny(models.resolve("tiny"), 1);
        calibrationText = Files.writeString(models.resolve("calibration.txt"), TestModels.text(200, 2));
        evaluationText = Files.writeString(models.resolve("heldout.txt"), TestModels.text(100, 3));
        service = new ServiceUnderTest(
                CalibrationConfiguration.class,
                "calibration-service",
                folder,
                "quipforge.compute.backend=scalar",
                "quipforge.allowed-roots=" + models);
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void aModelIsImportedWithItsTextsAndWindows() {
        ModelImported imported = imported();

        assertThat(imported.name()).isEqualTo("tiny");
        assertThat(imported.model()).isEqualTo("models/" + imported.digest());
        assertThat(imported.samples()).isEqualTo(SAMPLES);
        assertThat(imported.context()).isEqualTo(CONTEXT);
        assertThat(imported.linearGroups()).hasSize(8);
        assertThat(imported.linearGroups().getFirst().weights()).isEqualTo(64 * 64 + 2 * 32 * 64);
        assertThat(service.store().list(imported.model() + "/"))
                .extracting(Artifact::key)
                .containsExactly(
                        imported.model() + "/SHA256SUMS",
                        imported.model() + "/config.json",
                        imported.model() + "/model.safetensors",
                        imported.model() + "/tokenizer.json");
        assertThat(Digests.sha256(service.store().read(imported.model() + "/SHA256SUMS")))
                .isEqualTo(imported.digest());
        assertThat(service.store().exists(tokens(imported))).isTrue();
        assertThat(service.store().read(String.valueOf(imported.evaluationText())))
                .isEqualTo(content(evaluationText));
    }

    @Test
    void aSecondImportGivesTheSameNames() {
        assertThat(imported()).isEqualTo(imported());
    }

    @Test
    void hessiansAreThoseOfTheSameWorkInOneProcess() throws IOException {
        ModelImported imported = imported();
        String output = "calibration/whole";
        calibrated(imported, 0, 4, output + "/shards/0-4");
        calibrated(imported, 4, SAMPLES, output + "/shards/4-6");
        for (int block = 0; block < 2; block++) {
            ReduceHessians task =
                    new ReduceHessians(block, INPUTS, List.of(output + "/shards/0-4", output + "/shards/4-6"), output);
            assertThat(result(task)).isEqualTo(new HessiansReduced(output, block, SAMPLES * CONTEXT));
        }

        Path expected = inThisProcess();
        for (int block = 0; block < 2; block++) {
            for (String input : INPUTS) {
                String name = block + "/" + input + ".safetensors";
                assertThat(service.store().read(output + "/" + name))
                        .as(name)
                        .isEqualTo(content(expected.resolve(name)));
            }
        }
    }

    @Test
    void sumsGoWhenTheirHessiansAreThereAndNobodyNeedsThemAgain() {
        ModelImported imported = imported();
        String output = "calibration/passing";
        List<String> shards = List.of(output + "/shards/0-4", output + "/shards/4-6");
        ShardCalibrated first = calibrated(imported, 0, 4, shards.getFirst());
        calibrated(imported, 4, SAMPLES, shards.getLast());
        List<ReduceHessians> tasks = IntStream.range(0, 2)
                .mapToObj(block -> new ReduceHessians(block, INPUTS, shards, output))
                .toList();
        assertThat(sums(shards)).hasSize(16);

        Object reduced = result(tasks.getFirst());
        assertThat(sums(shards)).hasSize(8).allMatch(key -> key.contains("/1/"));
        assertThat(result(tasks.getFirst())).as("delivered twice").isEqualTo(reduced);
        service.store().delete("results/" + output + "/0.json");
        assertThat(result(tasks.getFirst()))
                .as("by a worker that came as far as the Hessians")
                .isEqualTo(reduced);

        result(tasks.getLast());
        assertThat(sums(shards)).isEmpty();
        shards.forEach(shard -> service.store().delete("results/" + shard + ".json"));
        assertThat(calibrated(imported, 0, 4, shards.getFirst())).isEqualTo(first);
        assertThat(sums(shards)).as("not made again").isEmpty();
    }

    @Test
    void sumsAreMadeAgainForABlockWithoutHessians() {
        ModelImported imported = imported();
        String output = "calibration/half";
        List<String> shards = List.of(output + "/shards/0-4");
        calibrated(imported, 0, 4, shards.getFirst());
        result(new ReduceHessians(0, INPUTS, shards, output));
        service.store().delete("results/" + shards.getFirst() + ".json");
        sums(shards).forEach(service.store()::delete);

        calibrated(imported, 0, 4, shards.getFirst());
        result(new ReduceHessians(1, INPUTS, shards, output));
        assertThat(service.store().exists(output + "/1/mlp-down.safetensors")).isTrue();
        result(new ReduceHessians(0, INPUTS, shards, output));
        assertThat(sums(shards)).isEmpty();
    }

    private static List<String> sums(List<String> shards) {
        return shards.stream()
                .flatMap(shard -> service.store().list(shard + "/").stream())
                .map(Artifact::key)
                .toList();
    }

    @Test
    void aShardWithoutWindowsIsRefused() {
        ModelImported imported = imported();
        CalibrateShard task = new CalibrateShard(
                imported.model(), tokens(imported), 3, 3, "calibration/empty/shards/3-3", "calibration/empty");

        assertThat(failure(task).message()).isEqualTo("windows: 3 to 3 (expected: at least one)");
    }

    @Test
    void hiddenStatesAreThoseOfTheSameWorkInOneProcess() throws IOException {
        ModelImported imported = imported();
        String output = "activations/whole";
        for (int first = 0; first < SAMPLES; first += 4) {
            int last = Math.min(first + 4, SAMPLES);
            CaptureActivations task = new CaptureActivations(imported.model(), tokens(imported), first, last, output);
            assertThat(result(task)).isEqualTo(new ActivationsCaptured(output, 3, (long) (last - first) * CONTEXT));
        }

        Path expected = folder.resolve("states");
        try (ModelDirectory model = ModelDirectory.open(models.resolve("tiny"))) {
            ActivationCollector collector = new ActivationCollector(
                    (ComputeBackend) service.context().getBean(Devices.class).first(), model);
            CalibrationWindows windows = windows(model);
            collector.collect(windows, 0, 4, expected, Progress.NONE);
            collector.collect(windows, 4, SAMPLES, expected, Progress.NONE);
        }
        assertThat(service.store().list(output + "/")).hasSize(6).allSatisfy(stored -> {
            String name = stored.key().substring(output.length() + 1);
            assertThat(service.store().read(stored.key())).as(name).isEqualTo(content(expected.resolve(name)));
        });
    }

    @Test
    void aTaskForWhichTheDiskIsTooSmallFailsBeforeItBegins() {
        ModelImported imported = imported();
        Failure failure = failure(
                new CaptureActivations(imported.model(), tokens(imported), 0, 2_000_000_000, "activations/too-many"));

        assertThat(failure.code()).isEqualTo(Failure.Code.OUT_OF_DISK);
        assertThat(failure.place()).contains("scratch");
        assertThat(failure.message())
                .startsWith(
                        failure.place() + ": storing the hidden states of " + imported.model() + " needs 12288.000 GB")
                .contains(" GB are free (expected: room on this disk, or a directory on a larger one)");
        assertThat(service.store().list("activations/too-many/")).isEmpty();
    }

    @Test
    void windowsThatAModelWritesAreThoseOfTheSameWorkInOneProcess() throws IOException {
        int samples = 67;
        ModelImported imported = (ModelImported)
                result(new ImportModel(tiny(), new CalibrationSource(null, samples, CONTEXT), null, null));
        assertThat(imported.tokens()).isNull();
        assertThat(imported.samples()).isEqualTo(samples);
        assertThat(imported.context()).isEqualTo(CONTEXT);
        List<String> parts = List.of("windows/w/0-64.safetensors", "windows/w/64-67.safetensors");
        assertThat(result(new GenerateWindows(imported.model(), 64, samples, CONTEXT, 7, parts.getLast())))
                .isEqualTo(new WindowsGenerated(parts.getLast(), 3 * CONTEXT));
        result(new GenerateWindows(imported.model(), 0, 64, CONTEXT, 7, parts.getFirst()));
        String tokens = "calibration/written/tokens.safetensors";
        assertThat(result(new JoinWindows(parts, tokens))).isEqualTo(new WindowsJoined(tokens, samples));

        Path expected = folder.resolve("written.safetensors");
        try (ModelDirectory model = ModelDirectory.open(models.resolve("tiny"))) {
            ComputeBackend backend =
                    (ComputeBackend) service.context().getBean(Devices.class).first();
            new SelfGenerated(7, samples, CONTEXT)
                    .windows(backend, model, Progress.NONE)
                    .write(expected);
        }
        assertThat(service.store().read(tokens)).isEqualTo(content(expected));
    }

    @Test
    void aModelThatCannotBeginATextIsRefusedAtOnce() {
        Map<String, Object> config = TestModels.config();
        config.remove("eos_token_id");
        Path model = TestModels.write(models.resolve("endless"), config, 1);

        assertThat(failure(new ImportModel(model.toString(), new CalibrationSource(null, 1, CONTEXT), null, null))
                        .message())
                .isEqualTo("config.json: no eos_token_id (expected: one, with which a generated text begins)");
    }

    @Test
    void aTaskThatComesTwiceIsComputedOnce() {
        ModelImported imported = imported();
        ShardCalibrated first = calibrated(imported, 0, 2, "calibration/twice/shards/0-2");
        service.store().delete(tokens(imported));

        assertThat(calibrated(imported, 0, 2, "calibration/twice/shards/0-2")).isEqualTo(first);

        imported();
        assertThat(service.store().exists(tokens(imported))).isTrue();
    }

    @Test
    void aModelThatIsNotInTheStoreIsUnavailable() {
        CalibrateShard task = new CalibrateShard(
                "models/none", "calibration/none/tokens.safetensors", 0, 1, "calibration/none/s", null);

        assertThat(failure(task))
                .isEqualTo(new Failure(
                        Failure.Code.ARTIFACT_UNAVAILABLE, "models/none", "models/none: is not in the store"));
    }

    @Test
    void aDirectoryOutsideTheRootsIsRefused() throws IOException {
        Path outside = TestModels.tiny(folder.resolve("outside"), 1);
        Path link = Files.createSymbolicLink(models.resolve("link"), outside);

        for (Path directory : List.of(outside, models.resolve("../outside"), link)) {
            Failure failure = failure(importing(directory.toString(), calibrationText));
            assertThat(failure.code()).isEqualTo(Failure.Code.INVALID_INPUT);
            assertThat(failure.place()).isEqualTo("directory");
            assertThat(failure.message())
                    .isEqualTo("directory: " + directory + " (expected: inside one of [" + models + "])");
        }
        assertThat(failure(importing(tiny(), Path.of("/etc/hostname"))).message())
                .isEqualTo("calibration.text: /etc/hostname (expected: inside one of [" + models + "])");
    }

    @Test
    void aPathThatIsNotThereIsRefused() {
        assertThat(failure(importing(models + "/none", calibrationText)).message())
                .isEqualTo("directory: " + models + "/none (expected: a path that this worker can read)");
    }

    @Test
    void aModelWithoutConfigIsRefused() throws IOException {
        Path broken = TestModels.tiny(models.resolve("no-config"), 1);
        Files.delete(broken.resolve("config.json"));

        Failure failure = failure(importing(broken.toString(), calibrationText));
        assertThat(failure.code()).isEqualTo(Failure.Code.INVALID_INPUT);
        assertThat(failure.place()).contains("config.json");
    }

    @Test
    void aWeightThatIsNotFiniteIsRefusedByName() throws IOException {
        Path broken = TestModels.tiny(models.resolve("infinite"), 1);
        Path weights = broken.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 1] = 0x7f;
        bytes[bytes.length - 2] = (byte) 0xff;
        Files.write(weights, bytes);

        Failure failure = failure(importing(broken.toString(), calibrationText));
        assertThat(failure.code()).isEqualTo(Failure.Code.INVALID_INPUT);
        assertThat(failure.message()).contains("NaN");
    }

    @Test
    void aTextShorterThanOneWindowIsRefused() throws IOException {
        Path text = Files.writeString(models.resolve("short.txt"), "abc");

        assertThat(failure(importing(tiny(), text)).message())
                .isEqualTo("calibration text: 3 tokens (expected: at least one window of 16)");
    }

    @Test
    void aTextThatIsNotUtf8IsRefused() throws IOException {
        Path text = Files.write(models.resolve("latin.txt"), new byte[] {'a', (byte) 0xe4, 'b'});

        assertThat(failure(importing(tiny(), text)).message())
                .isEqualTo("calibration.text: " + text + " is not UTF-8 (expected: a UTF-8 text)");
    }

    @Test
    void aWindowLongerThanTheModelsContextIsRefused() {
        ImportModel task =
                new ImportModel(tiny(), new CalibrationSource(calibrationText.toString(), 1, 257), null, null);

        assertThat(failure(task).message()).isEqualTo("calibration.context: 257 (expected: at most 256 of this model)");
    }

    @Test
    void overridesThatMatchNoGroupOrTheSameAreRefused() {
        CalibrationSource source = new CalibrationSource(calibrationText.toString(), 1, CONTEXT);
        assertThat(failure(new ImportModel(tiny(), source, null, List.of("*/mlp-up")))
                        .message())
                .startsWith(
                        "overrides.*/mlp-up: matches no group (expected: a path or a glob over BLOCK/KEY, with BLOCK 0 to");
        assertThat(failure(new ImportModel(tiny(), source, null, List.of("0/*", "*/mlp-in")))
                        .message())
                .startsWith("overrides: 0/* and */mlp-in match 0/mlp-in (expected: one of them");
    }

    private static ModelImported imported() {
        return (ModelImported) result(new ImportModel(
                tiny(),
                new CalibrationSource(calibrationText.toString(), SAMPLES, CONTEXT),
                evaluationText.toString(),
                List.of("*/mlp-down", "0/attention-in")));
    }

    private static String tokens(ModelImported imported) {
        return Objects.requireNonNull(imported.tokens());
    }

    private static ImportModel importing(String directory, Path text) {
        return new ImportModel(directory, new CalibrationSource(text.toString(), SAMPLES, CONTEXT), null, null);
    }

    private static ShardCalibrated calibrated(ModelImported imported, int from, int to, String output) {
        String hessians = output.substring(0, output.indexOf("/shards/"));
        return (ShardCalibrated)
                result(new CalibrateShard(imported.model(), tokens(imported), from, to, output, hessians));
    }

    private static Object result(Task task) {
        TaskCommand command = service.bench().send(task);
        return service.bench().await(command, TaskSucceeded.class).result();
    }

    private static Failure failure(Task task) {
        TaskCommand command = service.bench().send(task);
        return service.bench().await(command, TaskFailed.class).failure();
    }

    private static Path inThisProcess() throws IOException {
        ComputeBackend backend =
                (ComputeBackend) service.context().getBean(Devices.class).first();
        Path work = folder.resolve("in-process");
        try (ModelDirectory model = ModelDirectory.open(models.resolve("tiny"))) {
            CalibrationWindows windows = windows(model);
            HessianCollector collector = new HessianCollector(backend, model);
            collector.collect(windows, 0, 4, work.resolve("first"), Progress.NONE);
            collector.collect(windows, 4, SAMPLES, work.resolve("second"), Progress.NONE);
            Path whole = work.resolve("whole");
            for (LinearGroup group : model.linearGroups()) {
                String name = group.path() + ".safetensors";
                Files.createDirectories(whole.resolve(String.valueOf(group.block())));
                HessianReducer.reduce(
                        List.of(
                                work.resolve("first").resolve(name),
                                work.resolve("second").resolve(name)),
                        List.of(),
                        whole.resolve(name));
            }
            return whole;
        }
    }

    private static CalibrationWindows windows(ModelDirectory model) throws IOException {
        return CalibrationWindows.cut(model.tokenizer(), Files.readString(calibrationText), SAMPLES, CONTEXT);
    }

    private static String tiny() {
        return models.resolve("tiny").toString();
    }

    private static byte[] content(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
