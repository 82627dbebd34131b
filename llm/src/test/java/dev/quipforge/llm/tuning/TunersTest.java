package dev.quipforge.llm.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.config.TuningConfig;
import dev.quipforge.llm.config.TuningMode;
import dev.quipforge.llm.config.TuningSchedule;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import dev.quipforge.llm.testing.QuantizedModels;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both tuners on a tiny model. */
class TunersTest {

    private static final ComputeBackend BACKEND = ComputeBackends.named("vector");

    @TempDir
    static Path directory;

    private static QuantizedModels fixture;

    private static ModelDirectory model;

    @BeforeAll
    static void make() {
        fixture = QuantizedModels.make(directory, 10);
        model = fixture.open();
    }

    @AfterAll
    static void close() {
        model.close();
        BACKEND.close();
    }

    @Test
    void tuningABlockBringsItNearerToTheOriginal() {
        Path overlay = directory.resolve("nearer.safetensors");
        TuningReport report = tuneBlock(2, List.of(), overlay, TuningCheckpoints.NONE, Progress.NONE);
        assertThat(report.lossAfter()).isPositive().isLessThan(0.97 * report.lossBefore());
        assertThat(report.curve()).hasSize(3).contains(report.lossAfter());
        assertThat(report.name()).isEqualTo("1/attention-out");
        assertThat(report.trainingWindows() + report.validationWindows()).isEqualTo(10);
        try (SafetensorsFile file = SafetensorsFile.open(overlay)) {
            assertThat(TuningReport.read(file)).isEqualTo(report);
            assertThat(file.names())
                    .containsExactlyInAnyOrder(
                            "model.layers.1.input_layernorm.weight",
                            "model.layers.1.post_attention_layernorm.weight",
                            "model.layers.1.self_attn.q_proj.SU",
                            "model.layers.1.self_attn.q_proj.SV",
                            "model.layers.1.self_attn.k_proj.SU",
                            "model.layers.1.self_attn.k_proj.SV",
                            "model.layers.1.self_attn.v_proj.SU",
                            "model.layers.1.self_attn.v_proj.SV",
                            "model.layers.1.self_attn.o_proj.SU",
                            "model.layers.1.self_attn.o_proj.SV",
                            "model.layers.1.mlp.gate_proj.weight",
                            "model.layers.1.mlp.up_proj.weight",
                            "model.layers.1.mlp.down_proj.weight");
        }
    }

    @Test
    void theNextTuningOfABlockBeginsWhereTheLastOneEnded() {
        Path first = directory.resolve("first.safetensors");
        Path second = directory.resolve("second.safetensors");
        TuningReport before = tuneBlock(4, List.of(), first, TuningCheckpoints.NONE, Progress.NONE);
        TuningReport after = tuneBlock(4, List.of(first), second, TuningCheckpoints.NONE, Progress.NONE);
        assertThat(after.lossBefore()).isCloseTo(before.lossAfter(), Percentage.withPercentage(0.01));
    }

    @Test
    void tuningTheModelBringsItsDistributionNearerToTheOriginals() {
        Path overlay = directory.resolve("model.safetensors");
        TuningReport report = tuneModel(overlay, TuningCheckpoints.NONE, Progress.NONE);
        assertThat(report.lossAfter()).isPositive().isLessThan(0.9 * report.lossBefore());
        assertThat(report.name()).isEqualTo("model");
        try (SafetensorsFile file = SafetensorsFile.open(overlay)) {
            assertThat(file.names())
                    .hasSize(2 * (2 + 2 * 7) + 2)
                    .contains("model.norm.weight", "lm_head.weight", "model.layers.0.mlp.down_proj.SU");
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.2, 0.4, 0.75, 0.99})
    void aBlockThatWasInterruptedEndsAsOneThatWasNot(double fraction) {
        Path whole = directory.resolve("block-whole.safetensors");
        tuneBlock(3, List.of(), whole, TuningCheckpoints.NONE, Progress.NONE);
        Path resumed = directory.resolve("block-resumed-" + fraction + ".safetensors");
        FileCheckpoints checkpoints = everyStep("block-" + fraction);
        interrupt(fraction, progress -> tuneBlock(3, List.of(), resumed, checkpoints, progress));
        assertThat(resumed).doesNotExist();
        tuneBlock(3, List.of(), resumed, checkpoints, Progress.NONE);
        requireSameTensors(whole, resumed);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.3, 0.7})
    void aModelThatWasInterruptedEndsAsOneThatWasNot(double fraction) {
        Path whole = directory.resolve("model-whole.safetensors");
        tuneModel(whole, TuningCheckpoints.NONE, Progress.NONE);
        Path resumed = directory.resolve("model-resumed-" + fraction + ".safetensors");
        FileCheckpoints checkpoints = everyStep("model-" + fraction);
        interrupt(fraction, progress -> tuneModel(resumed, checkpoints, progress));
        List<Double> heard = new ArrayList<>();
        tuneModel(resumed, checkpoints, (done, _) -> heard.add(done));
        assertThat(heard.getFirst()).isGreaterThanOrEqualTo(fraction);
        requireSameTensors(whole, resumed);
    }

    @Test
    void aRateThatDestroysEverythingKeepsWhatWasThere() {
        TuningSchedule wild = new TuningSchedule(1e6, 1e6, 2, 4, 1, 0, 1);
        Path overlay = directory.resolve("wild.safetensors");
        TuningReport report = new BlockTuner(BACKEND, model, fixture.scheme(), tuning(wild))
                .tune(task(4, List.of()), overlay, TuningCheckpoints.NONE, Progress.NONE);
        assertThat(report.lossAfter()).isEqualTo(report.lossBefore());
        try (SafetensorsFile file = SafetensorsFile.open(overlay)) {
            String norm = "model.layers.1.input_layernorm.weight";
            assertThat(file.tensor(norm).floats())
                    .containsExactly(model.weights().tensor(norm).floats());
        }
    }

    @Test
    void activationsThatLackWindowsAreRefused() {
        List<Path> half = fixture.activations(2).subList(1, 2);
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> new ModelTuner(BACKEND, model, fixture.scheme(), tuning(schedule()))
                        .tune(
                                new ModelTuner.Task(fixture.groups(model), List.of(), fixture.windows(), half),
                                directory.resolve("refused.safetensors"),
                                TuningCheckpoints.NONE,
                                Progress.NONE))
                .withMessageContaining("window 5 (expected: 0)");
    }

    private static TuningSchedule schedule() {
        return new TuningSchedule(5e-3, 2e-3, 3, 2, 2, 0.2, 0);
    }

    private static TuningConfig tuning(TuningSchedule schedule) {
        return new TuningConfig(TuningMode.BLOCKS_AND_END_TO_END, schedule, schedule, 0.2, 3);
    }

    private static BlockTuner.Task task(int groups, List<Path> overlays) {
        return new BlockTuner.Task(
                model.linearGroups().get(4 + groups - 1),
                fixture.groups(model, 1, groups),
                overlays,
                fixture.activations(1),
                fixture.activations(2));
    }

    private static TuningReport tuneBlock(
            int groups, List<Path> overlays, Path output, TuningCheckpoints checkpoints, Progress progress) {
        return new BlockTuner(BACKEND, model, fixture.scheme(), tuning(schedule()))
                .tune(task(groups, overlays), output, checkpoints, progress);
    }

    private static TuningReport tuneModel(Path output, TuningCheckpoints checkpoints, Progress progress) {
        return new ModelTuner(BACKEND, model, fixture.scheme(), tuning(schedule()))
                .tune(
                        new ModelTuner.Task(
                                fixture.groups(model), List.of(), fixture.windows(), fixture.activations(2)),
                        output,
                        checkpoints,
                        progress);
    }

    private static FileCheckpoints everyStep(String name) {
        return new FileCheckpoints(directory.resolve("checkpoints").resolve(name), Duration.ZERO, Clock.systemUTC());
    }

    private static void interrupt(double fraction, Consumer<Progress> work) {
        assertThatIllegalStateException()
                .isThrownBy(() -> work.accept((done, _) -> {
                    if (done >= fraction) {
                        throw new IllegalStateException("killed");
                    }
                }))
                .withMessage("killed");
        assertThat(BACKEND.allocatedBytes()).isZero();
    }

    private static void requireSameTensors(Path one, Path other) {
        try (SafetensorsFile first = SafetensorsFile.open(one);
                SafetensorsFile second = SafetensorsFile.open(other)) {
            assertThat(second.names()).isEqualTo(first.names());
            for (String name : first.names()) {
                assertThat(second.tensor(name).floats())
                        .as(name)
                        .containsExactly(first.tensor(name).floats());
            }
            TuningReport expected = TuningReport.read(first);
            TuningReport actual = TuningReport.read(second);
            assertThat(actual.curve()).isEqualTo(expected.curve());
            assertThat(actual.lossBefore()).isEqualTo(expected.lossBefore());
        }
    }
}
