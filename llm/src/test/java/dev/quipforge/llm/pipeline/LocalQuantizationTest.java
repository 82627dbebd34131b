package dev.quipforge.llm.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.calibration.CalibrationSource;
import dev.quipforge.llm.checkpoint.Checksums;
import dev.quipforge.llm.checkpoint.DenseExport;
import dev.quipforge.llm.config.QuantizationCode;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.config.TuningConfig;
import dev.quipforge.llm.config.TuningMode;
import dev.quipforge.llm.config.TuningSchedule;
import dev.quipforge.llm.evaluation.Comparison;
import dev.quipforge.llm.json.StrictJson;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.safetensors.DataType;
import dev.quipforge.llm.testing.TestModels;
import dev.quipforge.llm.tokenizer.TextWindows;
import dev.quipforge.llm.tuning.TuningReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalQuantizationTest {

    private static final LocalQuantization.StageListener NONE = LocalQuantization.StageListener.NONE;

    @TempDir
    Path directory;

    private final ComputeBackend backend = ComputeBackends.named("vector");

    @AfterEach
    void close() {
        backend.close();
    }

    @Test
    void theSameSeedGivesTheSameBytesOnAnyNumberOfThreadsAndAnotherSeedDoesNot() throws IOException {
        quantize("one", 4, 1);
        System.setProperty("quipforge.threads", "3");
        try (ComputeBackend threads = ComputeBackends.named("vector")) {
            LocalQuantization.run(threads, request("two", 4, 1), LocalQuantization.StageListener.NONE);
        } finally {
            System.clearProperty("quipforge.threads");
        }
        quantize("other", 4, 2);
        for (String file : files("one")) {
            assertThat(directory.resolve("two").resolve(file))
                    .hasSameBinaryContentAs(directory.resolve("one").resolve(file));
        }
        assertThat(Checksums.sha256(directory.resolve("other/model.safetensors")))
                .isNotEqualTo(Checksums.sha256(directory.resolve("one/model.safetensors")));
    }

    @Test
    void theResultRunsLikeTheOriginal() {
        LocalQuantization.Result result = quantize("out", 4, 1);
        try (ModelDirectory first = ModelDirectory.open(directory.resolve("model"));
                ModelDirectory second = ModelDirectory.open(result.output())) {
            TextWindows windows = TextWindows.cut(second.tokenizer(), TestModels.text(300, 9), 64, "text");
            Comparison comparison = Comparison.measure(backend, first, second, windows, Progress.NONE);
            assertThat(comparison.meanDivergence()).isPositive().isLessThan(0.1);
            assertThat(comparison.topAgreement()).isGreaterThan(0.7);
            assertThat(second.weightBytes()).isEqualTo(result.figures().quantizedBytes());
            assertThat(second.parameters()).isEqualTo(first.parameters());
        }
        assertThat(result.figures().meanProxyLoss()).isPositive().isLessThan(0.01);
        assertThat(result.figures().bitsPerWeight()).isBetween(4.0, 5.0);
        assertThat(result.peakMemoryBytes()).isPositive();
        assertThat(result.encodeWeightsPerSecond()).isPositive();
        assertThat(result.seconds().keySet())
                .containsExactlyInAnyOrderElementsOf(EnumSet.complementOf(EnumSet.of(LocalQuantization.Stage.TUNE)));
    }

    @Test
    void theCardSaysWhatTheLinearsAreOfTheWhole() throws IOException {
        quantize("out", 2, 1);
        try (ModelDirectory model = ModelDirectory.open(directory.resolve("out"))) {
            long linears = model.weights().names().stream()
                    .filter(name -> name.contains("_proj."))
                    .mapToLong(name -> model.weights().tensor(name).data().byteSize())
                    .sum();
            long whole = model.weightBytes();
            assertThat(Files.readString(directory.resolve("out/README.md")))
                    .contains(
                            "| weights, quantized | %,d bytes |".formatted(whole),
                            "| of these, linears | %,d bytes |".formatted(linears),
                            "| of these, embedding, head and norms | %,d bytes |".formatted(whole - linears),
                            "| stored bits per parameter of the whole model | %.3f |"
                                    .formatted(8.0 * whole / model.parameters()));
        }
    }

    @Test
    void theCheckpointIsCompleteAndProvesItself() throws IOException {
        quantize("out", 2, 1);
        assertThat(files("out"))
                .containsExactlyInAnyOrder(
                        "README.md", "SHA256SUMS", "config.json", "model.safetensors", "tokenizer.json");
        Checksums.verify(directory.resolve("out"));
        assertThat(Files.readString(directory.resolve("out/README.md"))).contains("2 bits per weight", "| stored bits");
        Files.writeString(directory.resolve("out/config.json"), "{}");
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> Checksums.verify(directory.resolve("out")))
                .withMessageStartingWith("config.json: SHA-256 44136fa3");
    }

    @Test
    void tuningBringsTheResultNearerToTheOriginal() throws IOException {
        Path rounded = LocalQuantization.run(backend, coarse("rounded", TuningMode.NONE), NONE)
                .output();
        LocalQuantization.Result blocks = LocalQuantization.run(backend, coarse("blocks", TuningMode.BLOCKS), NONE);
        LocalQuantization.Result both =
                LocalQuantization.run(backend, coarse("both", TuningMode.BLOCKS_AND_END_TO_END), NONE);
        assertThat(blocks.tunings()).extracting(TuningReport::name).hasSize(4).endsWith("0/mlp-down");
        assertThat(both.tunings()).extracting(TuningReport::name).hasSize(5).endsWith("model");
        assertThat(both.tunings())
                .allSatisfy(report -> assertThat(report.lossAfter()).isLessThan(report.lossBefore()));
        assertThat(both.seconds()).containsOnlyKeys(LocalQuantization.Stage.values());
        double before = compare(rounded).meanDivergence();
        double after = compare(blocks.output()).meanDivergence();
        assertThat(after).isLessThan(0.9 * before);
        assertThat(compare(both.output()).meanDivergence()).isLessThan(0.9 * after);
        assertThat(Files.readString(both.output().resolve("README.md"))).contains("end to end");
        assertThat(files("both")).hasSameElementsAs(files("rounded"));
    }

    @Test
    void aTunedModelWithTiedEmbeddingsGetsAHeadOfItsOwn() {
        Map<String, Object> config = TestModels.config();
        config.put("num_hidden_layers", 1);
        config.put("tie_word_embeddings", true);
        TestModels.write(directory.resolve("model"), config, 5);
        LocalQuantization.run(backend, coarse("both", TuningMode.BLOCKS_AND_END_TO_END), NONE);
        try (ModelDirectory tuned = ModelDirectory.open(directory.resolve("both"))) {
            assertThat(tuned.config().architecture().head().tied()).isFalse();
            assertThat(tuned.weights().tensor("lm_head.weight").floats())
                    .isNotEqualTo(
                            tuned.weights().tensor("model.embed_tokens.weight").floats());
            assertThat(tuned.weights().tensor("lm_head.weight").type()).isEqualTo(DataType.BF16);
        }
    }

    @Test
    void aTunedModelHasTheSameBytesOnAnyNumberOfThreads() throws IOException {
        LocalQuantization.run(backend, coarse("one", TuningMode.BLOCKS_AND_END_TO_END), NONE);
        System.setProperty("quipforge.threads", "3");
        try (ComputeBackend threads = ComputeBackends.named("vector")) {
            LocalQuantization.run(threads, coarse("two", TuningMode.BLOCKS_AND_END_TO_END), NONE);
        } finally {
            System.clearProperty("quipforge.threads");
        }
        for (String file : files("one")) {
            assertThat(directory.resolve("two").resolve(file))
                    .hasSameBinaryContentAs(directory.resolve("one").resolve(file));
        }
    }

    @Test
    void groupsWithBitsOfTheirOwnAreThoseOfAModelWithTheseBitsThroughout() throws IOException {
        TestModels.write(directory.resolve("model"), TestModels.config(), 5);
        LocalQuantization.run(backend, request("two", 2, 1), NONE);
        LocalQuantization.run(backend, request("four", 4, 1), NONE);
        LocalQuantization.Result mixed = LocalQuantization.run(
                backend,
                overridden(
                        request("mixed", 2, 1),
                        Map.of("*/mlp-down", settings(4, 1).standard())),
                NONE);
        try (ModelDirectory two = ModelDirectory.open(directory.resolve("two"));
                ModelDirectory four = ModelDirectory.open(directory.resolve("four"));
                ModelDirectory opened = ModelDirectory.open(mixed.output())) {
            for (String name : opened.weights().names()) {
                ModelDirectory same = name.contains("mlp.down_proj") ? four : two;
                assertThat(opened.weights()
                                .tensor(name)
                                .data()
                                .mismatch(same.weights().tensor(name).data()))
                        .as(name)
                        .isEqualTo(-1);
            }
            assertThat(opened.linearGroups())
                    .extracting(group -> opened.config()
                            .quantization()
                            .orElseThrow()
                            .forGroup(group)
                            .bits())
                    .containsExactly(2, 2, 2, 4, 2, 2, 2, 4);
            DenseExport.write(backend, opened, DataType.F32, directory.resolve("dense"), Progress.NONE);
        }
        assertThat(StrictJson.read(mixed.output().resolve("config.json"))
                        .object("quantization_config")
                        .object("overrides")
                        .asMap())
                .isEqualTo(Map.of("0/mlp-down", Map.of("bits", 4), "1/mlp-down", Map.of("bits", 4)));
        Comparison comparison = compare(directory.resolve("dense"), mixed.output());
        assertThat(comparison.quantized().perplexity())
                .isCloseTo(comparison.original().perplexity(), withinPercentage(1e-3));
        assertThat(Files.readString(mixed.output().resolve("README.md")))
                .contains("tags: [quipforge, qtip, 2-bit, 4-bit]", "4 bits instead: `0/mlp-down`, `1/mlp-down`. ");
    }

    @Test
    void tuningReadsEveryGroupAsItWasQuantized() {
        Map<String, QuantizationConfig> hybrid =
                Map.of("0/mlp-down", QuantizationConfig.of(QuantizationCode.HYB, 2, 1));
        Path rounded = LocalQuantization.run(backend, overridden(coarse("rounded", TuningMode.NONE), hybrid), NONE)
                .output();
        LocalQuantization.Result tuned = LocalQuantization.run(
                backend, overridden(coarse("tuned", TuningMode.BLOCKS_AND_END_TO_END), hybrid), NONE);
        assertThat(compare(tuned.output()).meanDivergence())
                .isLessThan(0.9 * compare(rounded).meanDivergence());
        try (ModelDirectory opened = ModelDirectory.open(tuned.output())) {
            assertThat(opened.weights().names().stream().filter(name -> name.endsWith(".tlut")))
                    .containsExactly("model.layers.0.mlp.down_proj.tlut");
        }
    }

    @Test
    void anOverrideOfNoGroupIsRefusedBeforeAnythingIsComputed() {
        LocalQuantization.Request request = overridden(
                request("out", 2, 1), Map.of("7/mlp-down", settings(4, 1).standard()));
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> LocalQuantization.run(backend, request, NONE))
                .withMessageStartingWith("overrides.7/mlp-down: matches no group (expected: ");
    }

    private static LocalQuantization.Request overridden(
            LocalQuantization.Request request, Map<String, QuantizationConfig> overrides) {
        return new LocalQuantization.Request(
                request.model(),
                request.output(),
                request.calibration(),
                new QuantizationScheme(request.scheme().standard(), new TreeMap<>(overrides)),
                request.tuning());
    }

    @Test
    void aDirectoryThatHoldsSomethingIsNotTouched() throws IOException {
        Files.createDirectories(directory.resolve("out"));
        Files.writeString(directory.resolve("out/precious.txt"), "mine");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> quantize("out", 2, 1))
                .withMessage(directory.resolve("out") + ": exists already (expected: absent or an empty directory)");
        assertThat(files("out")).containsExactly("precious.txt");
    }

    @Test
    void aCancelledRunLeavesNothingBehind() throws IOException {
        List<LocalQuantization.Stage> begun = new ArrayList<>();
        assertThatIllegalStateException()
                .isThrownBy(() -> LocalQuantization.run(backend, request("out", 2, 1), stage -> {
                    begun.add(stage);
                    return (fraction, detail) -> {
                        if (stage == LocalQuantization.Stage.QUANTIZE && fraction > 0.5) {
                            throw new IllegalStateException("cancelled");
                        }
                    };
                }));
        assertThat(begun)
                .containsExactly(
                        LocalQuantization.Stage.INTAKE,
                        LocalQuantization.Stage.CALIBRATE,
                        LocalQuantization.Stage.QUANTIZE);
        assertThat(files(".")).allMatch(file -> file.startsWith("model"));
        assertThat(backend.allocatedBytes()).isZero();
    }

    @Test
    void aQuantizedModelIsNotQuantizedAgain() {
        quantize("out", 2, 1);
        LocalQuantization.Request again = new LocalQuantization.Request(
                directory.resolve("out"),
                directory.resolve("again"),
                new CalibrationSource.Text(TestModels.text(400, 3), 4, 64),
                settings(2, 1));
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> LocalQuantization.run(backend, again, LocalQuantization.StageListener.NONE))
                .withMessage("out: quantized already (expected: dense weights)");
    }

    @Test
    void aModelCanWriteItsOwnCalibrationText() throws IOException {
        LocalQuantization.Request request = request("text", 2, 1);
        for (String output : List.of("out", "again")) {
            LocalQuantization.run(
                    backend,
                    new LocalQuantization.Request(
                            request.model(),
                            directory.resolve(output),
                            new CalibrationSource.SelfGenerated(7, 70, 32),
                            settings(2, 1)),
                    LocalQuantization.StageListener.NONE);
        }
        String weights = "model.safetensors";
        assertThat(directory.resolve("out").resolve(weights))
                .hasSameBinaryContentAs(directory.resolve("again").resolve(weights));
        assertThat(compare(directory.resolve("out")).meanDivergence()).isPositive();
    }

    private Comparison compare(Path output) {
        return compare(directory.resolve("model"), output);
    }

    private Comparison compare(Path original, Path output) {
        try (ModelDirectory first = ModelDirectory.open(original);
                ModelDirectory second = ModelDirectory.open(output)) {
            TextWindows windows = TextWindows.cut(second.tokenizer(), TestModels.text(640, 9), 32, "text");
            return Comparison.measure(backend, first, second, windows, Progress.NONE);
        }
    }

    /** QuIP at 2 bits, which is fast and leaves much to tuning. */
    private LocalQuantization.Request coarse(String output, TuningMode mode) {
        LocalQuantization.Request request = request(output, 2, 1);
        TuningSchedule schedule = new TuningSchedule(5e-3, 2e-3, 3, 8, 1, 0, 0);
        return new LocalQuantization.Request(
                request.model(),
                request.output(),
                request.calibration(),
                QuantizationScheme.uniform(QuantizationConfig.of(QuantizationCode.UNIFORM, 2, 1)),
                new TuningConfig(mode, schedule, schedule, 0.125, 3));
    }

    private LocalQuantization.Result quantize(String output, int bits, long seed) {
        return LocalQuantization.run(backend, request(output, bits, seed), LocalQuantization.StageListener.NONE);
    }

    private LocalQuantization.Request request(String output, int bits, long seed) {
        Path model = directory.resolve("model");
        if (!Files.exists(model)) {
            Map<String, Object> config = TestModels.config();
            config.put("num_hidden_layers", 1);
            TestModels.write(model, config, 5);
        }
        return new LocalQuantization.Request(
                model,
                directory.resolve(output),
                new CalibrationSource.Text(TestModels.text(3000, 3), 90, 32),
                settings(bits, seed));
    }

    private static QuantizationScheme settings(int bits, long seed) {
        return QuantizationScheme.uniform(QuantizationConfig.of(QuantizationCode.THREE_INST, bits, seed));
    }

    private List<String> files(String name) throws IOException {
        Path root = directory.resolve(name).normalize();
        try (Stream<Path> walk = Files.walk(root)) {
            return walk.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString())
                    .toList();
        }
    }
}
