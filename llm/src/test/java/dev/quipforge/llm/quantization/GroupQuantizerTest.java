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
import dev.quipforge.llm.architecture.LinearGroup;
import dev.quipforge.llm.architecture.LinearShape;
import dev.quipforge.llm.config.QuantizationCode;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.config.QuantizationNames;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.rows.WeightLoader;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import dev.quipforge.llm.safetensors.SafetensorsWriter;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.Tensors;
import dev.quipforge.llm.testing.ScarceBackend;
import dev.quipforge.llm.testing.TestModels;
import dev.quipforge.llm.weights.LinearDecoder;
import dev.quipforge.llm.weights.LinearWeights;
import dev.quipforge.llm.weights.Overlay;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
        "qtip, 3inst, 2, seam, ldlq, hadamard, 0, 0.07",
        "qtip, 3inst, 3, seam, ldlq, hadamard, 0, 0.02",
        "qtip, 3inst, 4, seam, ldlq, hadamard, 0, 0.006",
        "qtip, 3inst, 2, exact, ldlq, hadamard, 0, 0.07",
        "qtip, 3inst, 2, seam, ldlq, hadamard, 2, 0.07",
        "qtip, 3inst, 2, seam, ldlq, kronecker, 0, 0.07",
        "qtip, 1mad, 2, seam, ldlq, hadamard, 0, 0.07",
        "qtip, hyb, 2, seam, ldlq, hadamard, 0, 0.07",
        "qtip, lut, 3, seam, ldlq, hadamard, 0, 0.02",
        "qtip, mcg, 2, seam, ldlq, hadamard, 0, 0.07",
        "qtip, mul1, 4, seam, ldlq, hadamard, 0, 0.006",
        "qtip, pair, 2, seam, ldlq, hadamard, 0, 0.08",
        "quip-sharp, e8p, 2, seam, ldlq, hadamard, 0, 0.1",
        "quip-sharp, e8p, 2, seam, ldlq, hadamard, 10, 0.1",
        "quip-sharp, e8p, 3, seam, ldlq, hadamard, 0, 0.04",
        "quip-sharp, e8p, 4, seam, ldlq, kronecker, 10, 0.012",
        "quip, uniform, 2, seam, ldlq, kronecker, 0, 0.13",
        "quip, uniform, 3, seam, ldlq-rg, hadamard, 0, 0.04",
        "quip, uniform, 4, seam, ldlq, hadamard, 3, 0.012",
        "quip, lloyd-max, 2, seam, ldlq, hadamard, 0, 0.12",
        "quip, lloyd-max, 3, seam, nearest, hadamard, 0, 0.07",
        "quip, uniform, 4, seam, stochastic, hadamard, 0, 0.05",
        "quip, uniform, 2, seam, greedy, kronecker, 0, 0.2"
    })
    void theReportedLossIsThatOfTheDecodedWeights(
            String method,
            String code,
            int bits,
            String ends,
            String rounding,
            String transform,
            int passes,
            double most) {
        QuantizationConfig settings =
                new QuantizationNames(method, code, bits, ends, rounding, transform, passes, 11).config();
        LinearGroup group = group(1, "mlp-in");
        Path hessian = hessian(64, 0);
        Path file = directory.resolve("group.safetensors");
        quantize(settings, group, hessian).write(file);
        try (SafetensorsFile stored = SafetensorsFile.open(file);
                SafetensorsFile hessians = SafetensorsFile.open(hessian);
                Workspace workspace = backend.workspace()) {
            Matrix regularized = WeightLoader.load(backend, workspace, hessians.tensor("mlp-in"));
            HessianDamping.regularize(backend.dense(), regularized, HessianDamping.SIGMA);
            for (LinearReport report : GroupReport.read(stored).linears()) {
                Matrix dense = LinearWeights.load(
                        backend, workspace, model, model.layout().linear(report.name()));
                Matrix decoded = new LinearDecoder(backend, QuantizationScheme.uniform(settings))
                        .decode(workspace, stored, model.layout(), report.name());
                double loss = ProxyLoss.relative(backend, dense, decoded, regularized);
                assertThat(report.proxyLoss())
                        .isCloseTo(loss, within(1e-4 * loss))
                        .isLessThan(most);
            }
        }
    }

    @Test
    void storedBitsAreCounted() {
        QuantizationConfig settings = QuantizationConfig.of(QuantizationCode.THREE_INST, 3, 11);
        QuantizedGroup group = quantize(settings, group(0, "attention-in"), hessian(64, 0));
        LinearReport key = group.report().linears().get(1);
        LinearShape shape = new LinearShape(32, 64);
        assertThat(key.name()).isEqualTo("model.layers.0.self_attn.k_proj");
        assertThat(key.weights()).isEqualTo(shape.weights());
        assertThat(key.bits()).isEqualTo(3 * shape.weights() + 16 * 64 + 32 * 32);
    }

    @Test
    void whatIsWrittenIsRead() {
        QuantizationConfig settings = QuantizationConfig.of(QuantizationCode.THREE_INST, 2, 11);
        QuantizedGroup group = quantize(settings, group(0, "attention-out"), hessian(64, 0));
        Path file = directory.resolve("group.safetensors");
        group.write(file);
        QuantizedGroup read = QuantizedGroup.read(file);
        assertThat(read.report()).isEqualTo(group.report());
        assertThat(read.tensors()).hasSize(3);
        assertThat(read.report().encodeSeconds()).isPositive();
    }

    @Test
    void progressMayCancel() {
        QuantizationConfig settings = QuantizationConfig.of(QuantizationCode.THREE_INST, 2, 11);
        List<Double> heard = new ArrayList<>();
        new GroupQuantizer(backend, settings)
                .quantize(model, group(0, "attention-out"), hessian(64, 0), (fraction, detail) -> heard.add(fraction));
        assertThat(heard).containsExactly(0.0, 0.25, 0.5, 0.75, 1.0);
    }

    @Test
    void aHessianThatIsNotFiniteIsNamed() {
        Path file = hessian(64, Float.NaN);
        assertRefused(
                group(0, "attention-in"), file, file + ": attention-in: NaN at element 5 (expected: finite numbers)");
    }

    @Test
    void aHessianOfAnotherWidthIsRefused() {
        assertRefused(group(0, "mlp-down"), hessian(64, 0), "mlp-down: 64 x 64 (expected: 96 x 96)");
    }

    @Test
    void linearsWhoseHessianIsNotPositiveAreKeptAndNamed() {
        QuantizationConfig settings = QuantizationConfig.of(QuantizationCode.THREE_INST, 2, 11);
        QuantizedGroup group = quantize(settings, group(0, "attention-out"), hessian(64, -1e9f));
        assertThat(group.tensors()).isEmpty();
        LinearReport kept = group.report().linears().getFirst();
        assertThat(kept.kept()).isEqualTo("Hessian not positive definite even with the most damping");
        assertThat(kept.bits()).isEqualTo(16 * kept.weights());
    }

    @ParameterizedTest
    @CsvSource({
        "qtip, 3inst, ldlq, hadamard, 0, 0.08",
        "quip-sharp, e8p, ldlq, hadamard, 10, 0.11",
        "quip, uniform, ldlq-rg, kronecker, 0, 0.15",
        "quip, uniform, greedy, hadamard, 0, 0.15"
    })
    void linearsWhoseInputsWereZeroAreRoundedToWhatIsNearest(
            String method, String code, String rounding, String transform, int passes, double most) {
        QuantizationConfig settings =
                new QuantizationNames(method, code, 2, "seam", rounding, transform, passes, 11).config();
        QuantizedGroup group = quantize(settings, group(0, "attention-out"), zeros(64));
        LinearReport report = group.report().linears().getFirst();
        assertThat(report.kept()).isNull();
        assertThat(report.proxyLoss()).isBetween(0.0, most);
        assertThat(group.tensors()).hasSize(3);
    }

    @ParameterizedTest
    @CsvSource({
        "qtip, 3inst, hadamard, 0.07",
        "qtip, 3inst, kronecker, 0.07",
        "quip-sharp, e8p, hadamard, 0.11",
        "quip, uniform, hadamard, 0.14"
    })
    void aDimensionThatTilesDoNotCoverIsPadded(String method, String code, String transform, double most) {
        odd(106);
        QuantizationConfig settings = new QuantizationNames(method, code, 2, "seam", "ldlq", transform, 0, 11).config();
        for (String input : List.of("mlp-in", "mlp-down")) {
            Path hessian = hessian(input.equals("mlp-in") ? 64 : 106, 0);
            Path file = directory.resolve("padded.safetensors");
            quantize(settings, group(0, input), hessian).write(file);
            try (SafetensorsFile stored = SafetensorsFile.open(file);
                    Workspace workspace = backend.workspace()) {
                LinearReport report = GroupReport.read(stored).linears().getFirst();
                Matrix dense = LinearWeights.load(
                        backend, workspace, model, model.layout().linear(report.name()));
                Matrix decoded = new LinearDecoder(backend, QuantizationScheme.uniform(settings))
                        .decode(workspace, stored, model.layout(), report.name());
                backend.dense().add(-1, dense, decoded);
                double relative = backend.dense().innerProduct(decoded, decoded)
                        / backend.dense().innerProduct(dense, dense);
                assertThat(relative).isLessThan(2 * most);
                assertThat(report.proxyLoss()).isBetween(0.0, most);
            }
        }
    }

    @Test
    void incoherenceIsMeasuredBeforeAndAfter() {
        LinearReport report = quantize(
                        QuantizationConfig.of(QuantizationCode.THREE_INST, 2, 11),
                        group(0, "attention-out"),
                        hessian(64, 0))
                .report()
                .linears()
                .getFirst();
        IncoherenceReport.Mu weights = report.incoherence().weights();
        IncoherenceReport.Mu hessian =
                Objects.requireNonNull(report.incoherence().hessian());
        assertThat(weights.before()).isGreaterThan(1);
        assertThat(weights.after()).isGreaterThan(1).isLessThan(Objects.requireNonNull(weights.bound()));
        // one coordinate of the Hessian stands out, so that one of its eigenvectors is nearly a unit vector
        assertThat(hessian.before()).isGreaterThan(6);
        assertThat(hessian.after()).isLessThan(hessian.before()).isLessThan(Objects.requireNonNull(hessian.bound()));
    }

    @Test
    void aDimensionWithoutHadamardMatrixIsTransformedInBlocks() {
        odd(176);
        QuantizationConfig settings = QuantizationConfig.of(QuantizationCode.THREE_INST, 2, 11);
        QuantizedGroup group = quantize(settings, group(0, "mlp-down"), hessian(176, 0));
        assertThat(group.report().linears().getFirst().proxyLoss()).isLessThan(0.07);
    }

    /** Of the demo model; the buffers of the backend are what grows with a model. */
    @ParameterizedTest
    @CsvSource({"qtip, 3inst, hadamard", "quip-sharp, e8p, hadamard", "quip, uniform, kronecker"})
    void threeTimesTheLargestLinearAndItsHessianSuffice(String method, String code, String transform) {
        model.close();
        model = ModelDirectory.open(TestModels.demo().resolve("model"));
        QuantizationConfig settings = new QuantizationNames(method, code, 2, "seam", "ldlq", transform, 1, 11).config();
        LinearGroup group = group(0, "mlp-down");
        LinearShape shape = group.linears().getFirst().shape();
        try (ComputeBackend fresh = ComputeBackends.named("vector")) {
            new GroupQuantizer(fresh, settings).quantize(model, group, hessian(shape.inputs(), 0), Progress.NONE);
            long linear = shape.weights() * Float.BYTES;
            long hessian = (long) shape.inputs() * shape.inputs() * Float.BYTES;
            assertThat(fresh.peakBytes()).isBetween(linear + hessian, 3 * (linear + hessian));
        }
    }

    @Test
    void aGroupForWhichMemoryEndsLeavesNothing() {
        QuantizationConfig settings = QuantizationConfig.of(QuantizationCode.E8P, 2, 11);
        Path hessian = hessian(64, 0);
        for (int allocations = 0; allocations < 12; allocations++) {
            try (ScarceBackend scarce = new ScarceBackend(allocations)) {
                assertThatExceptionOfType(OutOfMemoryError.class)
                        .isThrownBy(() -> new GroupQuantizer(scarce, settings)
                                .quantize(model, group(0, "mlp-in"), hessian, Progress.NONE));
                assertThat(scarce.allocatedBytes())
                        .as("after %d allocations", allocations)
                        .isZero();
            }
        }
    }

    private void odd(int intermediate) {
        Map<String, Object> config = TestModels.config();
        config.put("intermediate_size", intermediate);
        model.close();
        model = ModelDirectory.open(TestModels.write(directory.resolve("odd"), config, 1));
    }

    @Test
    void settingsOutOfRangeAreNamed() {
        assertSettingRefused("magic", "3inst", 2, "seam", "ldlq", 0, "method: magic (expected: one of [qtip, ");
        assertSettingRefused("quip", "3inst", 2, "seam", "ldlq", 0, "code: 3inst (expected for method quip: one of [");
        assertSettingRefused("qtip", "4inst", 2, "seam", "ldlq", 0, "code: 4inst (expected for method qtip: one of [");
        assertSettingRefused("qtip", "3inst", 7, "seam", "ldlq", 0, "bits: 7 (expected for code 3inst: one of [2, ");
        assertSettingRefused(
                "qtip", "3inst", 2, "none", "ldlq", 0, "tailBiting: none (expected: one of [exact, seam])");
        assertSettingRefused(
                "qtip", "3inst", 2, "seam", "greedy", 0, "rounding: greedy (expected for method qtip: ldlq)");
        assertSettingRefused(
                "quip", "uniform", 2, "seam", "rounded", 0, "rounding: rounded (expected: one of [nearest, ");
        assertSettingRefused(
                "quip", "uniform", 2, "seam", "nearest", 1, "passes: 1 (expected with rounding nearest: 0");
        assertSettingRefused("qtip", "3inst", 2, "seam", "ldlq", -1, "passes: -1 (expected with rounding ldlq: 0 to ");
    }

    private static void assertSettingRefused(
            String method, String code, int bits, String ends, String rounding, int passes, String message) {
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(
                        () -> new QuantizationNames(method, code, bits, ends, rounding, "hadamard", passes, 0).config())
                .withMessageStartingWith(message);
    }

    private void assertRefused(LinearGroup group, Path hessian, String message) {
        QuantizationConfig settings = QuantizationConfig.of(QuantizationCode.THREE_INST, 2, 11);
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> quantize(settings, group, hessian))
                .withMessage(message);
    }

    @Test
    void weightsOfAnOverlayTakeThePlaceOfTheModels() {
        QuantizationConfig settings = QuantizationConfig.of(QuantizationCode.UNIFORM, 2, 11);
        LinearGroup group = group(1, "mlp-down");
        String linear = group.names().getFirst();
        float[] doubled = model.weights().tensor(linear + ".weight").floats();
        for (int i = 0; i < doubled.length; i++) {
            doubled[i] *= 2;
        }
        Path file = directory.resolve("overlay");
        SafetensorsWriter.write(
                file,
                Map.of(),
                List.of(Tensors.ofFloats(
                        linear + ".weight", model.layout().shape(linear).asList(), doubled)));
        Path hessian = hessian(96, 0);
        float[] scales = floats(quantize(settings, group, hessian), linear + ".SV");
        try (Overlay overlay = Overlay.open(List.of(file))) {
            QuantizedGroup quantized =
                    new GroupQuantizer(backend, settings).quantize(model, overlay, group, hessian, Progress.NONE);
            float[] larger = floats(quantized, linear + ".SV");
            for (int i = 0; i < scales.length; i++) {
                assertThat(larger[i]).isCloseTo(2 * scales[i], within(1e-5f));
            }
        }
    }

    private static float[] floats(QuantizedGroup group, String name) {
        return group.tensors().stream()
                .filter(tensor -> tensor.name().equals(name))
                .findFirst()
                .orElseThrow()
                .floats();
    }

    private QuantizedGroup quantize(QuantizationConfig settings, LinearGroup group, Path hessian) {
        return new GroupQuantizer(backend, settings).quantize(model, group, hessian, Progress.NONE);
    }

    private LinearGroup group(int block, String key) {
        return model.layout().group(block, key);
    }

    /** The same Hessian for all inputs. */
    private static void writeHessians(Path file, int order, float[] values) {
        List<Tensor> tensors = Stream.of("attention-in", "attention-out", "mlp-in", "mlp-down")
                .map(input -> Tensors.ofFloats(input, List.of((long) order, (long) order), values))
                .toList();
        Map<String, String> tokens =
                tensors.stream().collect(Collectors.toMap(tensor -> "tokens." + tensor.name(), _ -> "256"));
        SafetensorsWriter.write(file, tokens, tensors);
    }

    private Path zeros(int order) {
        Path file = directory.resolve("zeros.safetensors");
        writeHessians(file, order, new float[order * order]);
        return file;
    }

    /** The mean of x xᵀ over random x whose first elements are large; {@code bad} is added to one diagonal element. */
    private Path hessian(int order, float bad) {
        SplittableRandom random = new SplittableRandom(1);
        float[] sums = new float[order * order];
        int samples = Math.min(256, 4 * order);
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
        writeHessians(file, order, sums);
        return file;
    }
}
