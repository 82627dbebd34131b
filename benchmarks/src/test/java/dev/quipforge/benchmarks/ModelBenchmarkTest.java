package dev.quipforge.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.entry;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.config.ConfigReader;
import dev.quipforge.llm.config.QuantizationCode;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.file.DiskSpaceException;
import dev.quipforge.llm.model.Layout;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelBenchmarkTest {

    private static final QuantizationConfig CONFIG = QuantizationConfig.of(QuantizationCode.THREE_INST, 2, 0);

    @TempDir
    Path directory;

    private final ComputeBackend backend = ComputeBackends.named("vector");
    private final Bench bench = new Bench(backend, new Stopwatch(System::nanoTime, 0.01), _ -> {});

    @AfterEach
    void close() {
        backend.close();
    }

    @Test
    void everyStepOfEveryBlockIsMeasuredAndTheWholeModelExtrapolated() throws IOException {
        ModelShape tiny = smaller("deepseek-v3", "num_hidden_layers", 5);

        Report report = ModelBenchmark.run(bench, settings(tiny, 2, 4, true));

        assertThat(report.setting())
                .contains(entry("shape", "deepseek-v3"), entry("blocks", "2 of 5"), entry("experts", "4 of 8"));
        assertThat(report.results())
                .extracting(row -> row.get("step") + " of " + row.get("of"))
                .containsExactly(
                        "calibration of block 0",
                        "reduction of block 0",
                        "quantization of block 0",
                        "calibration of block 1, experts",
                        "reduction of block 1, experts",
                        "quantization of block 1, experts",
                        "tuning of block 0",
                        "tuning of block 1, experts",
                        "assembly of the made model",
                        "evaluation of block 0",
                        "evaluation of block 1, experts",
                        "comparison of the made model",
                        "end-to-end tuning of the made model",
                        "calibration of whole model (5 blocks), extrapolated",
                        "reduction of whole model (5 blocks), extrapolated",
                        "quantization of whole model (5 blocks), extrapolated",
                        "tuning of whole model (5 blocks), extrapolated",
                        "evaluation of whole model (5 blocks), extrapolated");
        assertThat(report.results()).allSatisfy(row -> {
            assertThat(row.keySet())
                    .containsExactly(
                            "step",
                            "of",
                            "seconds",
                            "encoderSeconds",
                            "deviceBytes",
                            "heapBytes",
                            "residentBytes",
                            "diskBytes");
            assertThat(row.get("seconds"))
                    .isInstanceOfSatisfying(
                            Double.class, seconds -> assertThat(seconds).isPositive());
        });
        assertThat(bytes(report, "calibration of block 0", "diskBytes")).isGreaterThan(3L * 64 * 64 * Float.BYTES);
        for (String step : List.of("reduction", "quantization", "tuning")) {
            assertThat(bytes(report, step + " of block 1, experts", "diskBytes"))
                    .isGreaterThan(1000);
        }
        assertThat(bytes(report, "tuning of block 0", "deviceBytes")).isPositive();
        assertThat(directory).isEmptyDirectory();
        assertThat(backend.allocatedBytes()).isZero();
    }

    @Test
    void blocksAndExpertsAreMultipliedByTheirKind() throws IOException {
        ModelShape tiny = smaller("deepseek-v3", "num_hidden_layers", 5);
        Architecture whole = read(tiny.config());
        Architecture made = read(tiny.config(2, 4));
        List<StepFigures> figures = List.of(
                figure(StepFigures.Step.CALIBRATION, 10, 0),
                figure(StepFigures.Step.CALIBRATION, 7, 4),
                figure(StepFigures.Step.REDUCTION, 1, 0),
                figure(StepFigures.Step.REDUCTION, 1, 0),
                figure(StepFigures.Step.QUANTIZATION, 1, 0),
                figure(StepFigures.Step.QUANTIZATION, 1, 1),
                figure(StepFigures.Step.TUNING, 1, 0),
                figure(StepFigures.Step.TUNING, 1, 1),
                figure(StepFigures.Step.EVALUATION, 2, 0),
                figure(StepFigures.Step.EVALUATION, 2, 0),
                figure(StepFigures.Step.COMPARISON, 7, 0));

        List<Map<String, Object>> rows = new Extrapolation(made, whole, figures, 2, 3).rows(CONFIG);

        int groups = whole.blocks().getFirst().groups().size();
        int groupsOfExperts = whole.blocks().getLast().groups().size();
        // three dense blocks and two mixtures; twice the experts; trainings three times as long, one a group
        assertThat(rows)
                .extracting(row -> row.get("seconds"))
                .containsExactly(
                        3 * 10 + 2 * (3 + 2 * 4.0),
                        5.0,
                        3 + 2 * 2.0,
                        3 * 3.0 * groups + 2 * 3 * 2.0 * groupsOfExperts,
                        5 * 2 + 3.0);
    }

    private static StepFigures figure(StepFigures.Step step, double seconds, double experts) {
        return new StepFigures(step, seconds, experts, Optional.empty(), new MemoryPeaks.Seen(1, 2, 3), 4);
    }

    @ParameterizedTest
    @CsvSource({
        "llama-3-8b, 32, 8030261248",
        "llama-3-70b, 80, 70553706496",
        "qwen3-30b-a3b, 48, 30532122624",
        "deepseek-v3, 61, 671026419200",
    })
    void shapesHaveThePublishedNumberOfParameters(String name, int blocks, long parameters) throws IOException {
        Architecture architecture = read(ModelShape.of(name).config());

        assertThat(architecture.blocks()).hasSize(blocks);
        assertThat(new Layout(architecture).parameters()).isEqualTo(parameters);
    }

    @Test
    void fewerExpertsSeeAsManyTokensEach() throws IOException {
        Map<String, Object> fewer = ModelShape.of("deepseek-v3").config(2, 64);
        assertThat(fewer).contains(entry("n_routed_experts", 64), entry("num_experts_per_tok", 2), entry("n_group", 1));
        assertThat(read(fewer).blocks().get(0).linears()).hasSizeLessThan(20);
        assertThat(read(fewer).blocks().get(1).linears()).hasSizeGreaterThan(3 * 64);
    }

    @Test
    void whatCannotBeMadeIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ModelShape.of("llama-4"))
                .withMessageStartingWith("shape: llama-4 (expected: one of [demo, llama-3-8b, llama-3-70b, ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ModelShape.of("llama-3-70b").config(81, 0))
                .withMessage("blocks: 81 (expected: 1 to 80 of llama-3-70b)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ModelShape.of("llama-3-70b").config(2, 8))
                .withMessage("experts: 8 (expected: at most 0 of llama-3-70b)");
        ModelShape endless = smaller("demo", "vocab_size", 2_000_000_000);
        assertThatExceptionOfType(DiskSpaceException.class)
                .isThrownBy(() -> ModelBenchmark.run(bench, settings(endless, 1, 0, false)))
                .withMessageContaining("benchmark model --shape demo needs ");
        assertThat(directory).isEmptyDirectory();
    }

    private ModelBenchmark.Settings settings(ModelShape shape, int blocks, int experts, boolean endToEnd) {
        ModelBenchmark.Made made = new ModelBenchmark.Made(directory, blocks, experts);
        return new ModelBenchmark.Settings(shape, made, 3, 16, CONFIG, endToEnd);
    }

    /** A shape whose widths are tens; one field is set to what is asked for. */
    private static ModelShape smaller(String name, String field, int value) {
        Map<String, Object> config = ModelShape.of(name).config();
        config.putAll(Map.of("hidden_size", 64, "intermediate_size", 96, "vocab_size", 128));
        if (name.equals("deepseek-v3")) {
            config.putAll(Map.of("moe_intermediate_size", 32, "num_attention_heads", 2, "num_key_value_heads", 2));
            config.putAll(Map.of("q_lora_rank", 32, "kv_lora_rank", 32, "qk_nope_head_dim", 16));
            config.putAll(Map.of("qk_rope_head_dim", 16, "v_head_dim", 16));
            config.putAll(Map.of("n_routed_experts", 8, "num_experts_per_tok", 4, "n_group", 2, "topk_group", 1));
        }
        config.put(field, value);
        return new ModelShape(name, config);
    }

    private Architecture read(Map<String, Object> config) throws IOException {
        new RandomModel(config).writeConfig(directory);
        return ConfigReader.read(directory).architecture();
    }

    private static long bytes(Report report, String row, String column) {
        return report.results().stream()
                .filter(each -> row.equals(each.get("step") + " of " + each.get("of")))
                .map(each -> each.get(column))
                .mapToLong(value -> value instanceof Long number ? number : -1)
                .findFirst()
                .orElseThrow();
    }
}
