package dev.quipforge.llm.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import dev.quipforge.llm.safetensors.SafetensorsWriter;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.Tensors;
import dev.quipforge.llm.testing.TestModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HessianCollectorTest {

    private static final int WINDOWS = 6;
    private static final int CONTEXT = 32;

    @TempDir
    Path directory;

    private final ComputeBackend backend = ComputeBackends.auto();

    @ParameterizedTest
    @ValueSource(strings = {"attention-in", "attention-out", "mlp-in", "mlp-down"})
    void shardsAddUpToTheWhole(String input) {
        collect("whole", 0, WINDOWS);
        collect("first", 0, 2);
        collect("second", 2, WINDOWS);
        Path parts = directory.resolve("parts.safetensors");
        long tokens = HessianReducer.reduce(List.of(file("first", input), file("second", input)), List.of(), parts);
        Path whole = directory.resolve("reduced.safetensors");
        HessianReducer.reduce(List.of(file("whole", input)), List.of(), whole);
        assertThat(tokens).isEqualTo((long) WINDOWS * CONTEXT);
        assertThat(floats(parts, input)).containsExactly(floats(whole, input), within(1e-4f));
        float[] sum = floats(file("whole", input), input);
        assertThat(floats(whole, input)[5]).isCloseTo(sum[5] / (WINDOWS * CONTEXT), within(1e-5f));
    }

    @Test
    void theNormalizedInputHasTheEnergyOfItsNorm() {
        collect("whole", 0, WINDOWS);
        try (ModelDirectory model = ModelDirectory.open(directory.resolve("model"))) {
            Tensor norm = model.weights().tensor("model.layers.0.input_layernorm.weight");
            float[] sum = floats(HessianFiles.path(directory.resolve("whole"), 0, "attention-in"), "attention-in");
            double energy = 0;
            for (int i = 0; i < 64; i++) {
                energy += sum[i * 64 + i] / Math.pow(norm.floats()[i], 2);
            }
            assertThat(energy / (WINDOWS * CONTEXT)).isCloseTo(64, within(0.1));
        }
    }

    @Test
    void theSameWindowsGiveTheSameBytes() {
        collect("one", 0, WINDOWS);
        collect("two", 0, WINDOWS);
        for (String input : List.of("attention-in", "attention-out", "mlp-in", "mlp-down")) {
            assertThat(file("one", input)).hasSameBinaryContentAs(file("two", input));
        }
    }

    @Test
    void progressGoesFromStartToEndAndMayCancel() {
        List<Double> heard = new ArrayList<>();
        collect("whole", 0, WINDOWS, (fraction, detail) -> heard.add(fraction));
        assertThat(heard).isSorted().endsWith(1.0);
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> collect("never", 0, WINDOWS, (fraction, detail) -> {
                    throw new IllegalStateException("cancelled");
                }));
        assertThat(backend.allocatedBytes()).isZero();
    }

    @Test
    void shardsOfDifferentWidthsAreRefused() {
        Path small = directory.resolve("small.safetensors");
        SafetensorsWriter.write(
                small,
                Map.of("tokens.mlp-in", "4"),
                List.of(Tensors.ofFloats("mlp-in", List.of(2L, 2L), new float[4])));
        collect("whole", 0, 1);
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> HessianReducer.reduce(
                        List.of(small, file("whole", "mlp-in")), List.of(), directory.resolve("never")))
                .withMessage("mlp-in: 64 x 64 (expected: 2 x 2)");
    }

    @Test
    void aShardWithoutItsTokenCountIsRefused() {
        Path file = directory.resolve("bare.safetensors");
        SafetensorsWriter.write(file, Map.of(), List.of(Tensors.ofFloats("mlp-in", List.of(2L, 2L), new float[4])));
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> HessianReducer.reduce(List.of(file), List.of(), directory.resolve("never")))
                .withMessage(file + ": tokens.mlp-in: absent (expected: a number of at least 0)");
    }

    private void collect(String name, int from, int to) {
        collect(name, from, to, Progress.NONE);
    }

    private void collect(String name, int from, int to, Progress progress) {
        try (ModelDirectory model = ModelDirectory.open(TestModels.tiny(directory.resolve("model"), 1))) {
            CalibrationWindows windows =
                    CalibrationWindows.cut(model.tokenizer(), TestModels.text(200, 3), WINDOWS, CONTEXT);
            new HessianCollector(backend, model).collect(windows, from, to, directory.resolve(name), progress);
        }
    }

    private Path file(String name, String input) {
        return HessianFiles.path(directory.resolve(name), 1, input);
    }

    private static float[] floats(Path file, String tensor) {
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            return opened.tensor(tensor).floats();
        }
    }
}
