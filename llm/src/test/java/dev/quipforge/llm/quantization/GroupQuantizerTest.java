package dev.quipforge.llm.quantization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.rounding.HessianDamping;
import dev.quipforge.engine.rounding.ProxyLoss;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.model.Input;
import dev.quipforge.llm.model.LinearGroup;
import dev.quipforge.llm.model.LinearShape;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import dev.quipforge.llm.safetensors.SafetensorsWriter;
import dev.quipforge.llm.safetensors.Tensors;
import dev.quipforge.llm.testing.TestModels;
import dev.quipforge.llm.weights.LinearWeights;
import dev.quipforge.llm.weights.TrellisDecoder;
import dev.quipforge.llm.weights.WeightLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GroupQuantizerTest {

    @TempDir
    Path directory;

    private final ComputeBackend backend = ComputeBackends.named("vector");
    private ModelDirectory model = ModelDirectory.open(TestModels.demo().resolve("model"));

    @BeforeEach
    void open() {
        model.close();
        model = ModelDirectory.open(TestModels.tiny(directory.resolve("model"), 3));
    }

    @AfterEach
    void close() {
        model.close();
        backend.close();
    }

    @ParameterizedTest
    @CsvSource({
        "3inst, 2, seam, 0.07",
        "3inst, 3, seam, 0.02",
        "3inst, 4, seam, 0.006",
        "3inst, 2, exact, 0.07",
        "1mad, 2, seam, 0.07",
        "hyb, 2, seam, 0.07",
        "lut, 3, seam, 0.02",
        "mcg, 2, seam, 0.07",
        "mul1, 4, seam, 0.006",
        "pair, 2, seam, 0.08"
    })
    void theReportedLossIsThatOfTheDecodedWeights(String code, int bits, String tailBiting, double most) {
        QuantizationSettings settings = new QuantizationSettings("qtip", code, bits, tailBiting, 11);
        LinearGroup group = LinearGroup.of(1, Input.MLP_IN);
        Path hessian = hessian(64, 0);
        Path file = directory.resolve("group.safetensors");
        quantize(settings, group, hessian).write(file);
        try (SafetensorsFile stored = SafetensorsFile.open(file);
                SafetensorsFile hessians = SafetensorsFile.open(hessian);
                Workspace workspace = backend.workspace()) {
            Matrix regularized = WeightLoader.load(backend, workspace, hessians.tensor("hessian"));
            HessianDamping.regularize(backend.dense(), regularized, HessianDamping.SIGMA);
            for (LinearReport report : GroupReport.read(stored).linears()) {
                Matrix dense = LinearWeights.load(backend, workspace, model, report.name());
                Matrix decoded = new TrellisDecoder(backend, settings.trellis())
                        .decode(workspace, stored, report.name(), model.layout().shape(report.name()));
                double loss = ProxyLoss.relative(backend, dense, decoded, regularized);
                assertThat(report.proxyLoss())
                        .isCloseTo(loss, within(1e-4 * loss))
                        .isLessThan(most);
            }
        }
    }

    @Test
    void storedBitsAreCounted() {
        QuantizationSettings settings = new QuantizationSettings("qtip", "3inst", 3, "seam", 11);
        QuantizedGroup group = quantize(settings, LinearGroup.of(0, Input.ATTENTION_IN), hessian(64, 0));
        LinearReport key = group.report().linears().get(1);
        LinearShape shape = new LinearShape(32, 64);
        assertThat(key.name()).isEqualTo("model.layers.0.self_attn.k_proj");
        assertThat(key.weights()).isEqualTo(shape.weights());
        assertThat(key.bits()).isEqualTo(3 * shape.weights() + 16 * 64 + 32 * 32);
    }

    @Test
    void whatIsWrittenIsRead() {
        QuantizationSettings settings = new QuantizationSettings("qtip", "3inst", 2, "seam", 11);
        QuantizedGroup group = quantize(settings, LinearGroup.of(0, Input.ATTENTION_OUT), hessian(64, 0));
        Path file = directory.resolve("group.safetensors");
        group.write(file);
        QuantizedGroup read = QuantizedGroup.read(file);
        assertThat(read.report()).isEqualTo(group.report());
        assertThat(read.tensors()).hasSize(3);
        assertThat(read.report().encodeSeconds()).isPositive();
    }

    @Test
    void progressMayCancel() {
        QuantizationSettings settings = new QuantizationSettings("qtip", "3inst", 2, "seam", 11);
        List<Double> heard = new ArrayList<>();
        new GroupQuantizer(backend, settings)
                .quantize(
                        model,
                        LinearGroup.of(0, Input.ATTENTION_OUT),
                        hessian(64, 0),
                        (fraction, detail) -> heard.add(fraction));
        assertThat(heard).containsExactly(0.0, 0.25, 0.5, 0.75, 1.0);
    }

    @Test
    void aHessianThatIsNotFiniteIsNamed() {
        Path file = hessian(64, Float.NaN);
        assertRefused(
                LinearGroup.of(0, Input.ATTENTION_IN),
                file,
                file + ": hessian: NaN at element 5 (expected: finite numbers)");
    }

    @Test
    void aHessianOfAnotherWidthIsRefused() {
        assertRefused(LinearGroup.of(0, Input.MLP_DOWN), hessian(64, 0), "hessian: 64 x 64 (expected: 96 x 96)");
    }

    @Test
    void aHessianThatIsNotPositiveIsRefused() {
        Path file = hessian(64, -1e9f);
        assertRefused(
                LinearGroup.of(0, Input.ATTENTION_IN),
                file,
                file + ": not positive definite even with the most damping");
    }

    @Test
    void aDimensionThatTilesDoNotCoverIsNamed() {
        odd(104);
        assertRefused(
                LinearGroup.of(0, Input.MLP_IN),
                hessian(64, 0),
                "model.layers.0.mlp.gate_proj: 104 x 64 (expected: multiples of 16; 104 is not)");
    }

    @Test
    void aDimensionWithoutHadamardMatrixIsTransformedInBlocks() {
        odd(176);
        QuantizationSettings settings = new QuantizationSettings("qtip", "3inst", 2, "seam", 11);
        QuantizedGroup group = quantize(settings, LinearGroup.of(0, Input.MLP_DOWN), hessian(176, 0));
        assertThat(group.report().linears().getFirst().proxyLoss()).isLessThan(0.07);
    }

    private void odd(int intermediate) {
        Map<String, Object> config = TestModels.config();
        config.put("intermediate_size", intermediate);
        model.close();
        model = ModelDirectory.open(TestModels.write(directory.resolve("odd"), config, 1));
    }

    @Test
    void settingsOutOfRangeAreNamed() {
        assertSettingRefused("quip", "3inst", 2, "seam", "method: quip (expected: qtip)");
        assertSettingRefused("qtip", "4inst", 2, "seam", "code: 4inst (expected: one of [3inst");
        assertSettingRefused("qtip", "3inst", 7, "seam", "bits: 7 (expected: 2, 3 or 4)");
        assertSettingRefused("qtip", "3inst", 2, "none", "tailBiting: none (expected: seam or exact)");
    }

    private static void assertSettingRefused(String method, String code, int bits, String ends, String message) {
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> new QuantizationSettings(method, code, bits, ends, 0))
                .withMessageStartingWith(message);
    }

    private void assertRefused(LinearGroup group, Path hessian, String message) {
        QuantizationSettings settings = new QuantizationSettings("qtip", "3inst", 2, "seam", 11);
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> quantize(settings, group, hessian))
                .withMessage(message);
    }

    private QuantizedGroup quantize(QuantizationSettings settings, LinearGroup group, Path hessian) {
        return new GroupQuantizer(backend, settings).quantize(model, group, hessian, Progress.NONE);
    }

    /** The mean of x xᵀ over random x whose first elements are large; {@code bad} is added to one diagonal element. */
    private Path hessian(int order, float bad) {
        SplittableRandom random = new SplittableRandom(1);
        float[] sums = new float[order * order];
        int samples = 4 * order;
        for (int sample = 0; sample < samples; sample++) {
            double[] x = random.doubles(order, -1, 1).toArray();
            x[0] += 3 * x[1];
            for (int i = 0; i < order; i++) {
                for (int j = 0; j < order; j++) {
                    sums[i * order + j] += (float) (x[i] * x[j] / samples);
                }
            }
        }
        if (bad != 0) {
            sums[Float.isNaN(bad) ? 5 : 0] += bad;
        }
        Path file = directory.resolve("hessian.safetensors");
        SafetensorsWriter.write(
                file,
                Map.of("tokens", String.valueOf(samples)),
                List.of(Tensors.ofFloats("hessian", List.of((long) order, (long) order), sums)));
        return file;
    }
}
