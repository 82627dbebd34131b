package dev.quipforge.llm.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.testing.Golden;
import dev.quipforge.llm.testing.TestModels;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecoderTest {

    private final ComputeBackend backend = ComputeBackends.named("vector");

    @Test
    void theDemoModelAgreesWithAnIndependentProgram() {
        Golden golden = Golden.read();
        int[] ids = golden.ids().stream().mapToInt(Integer::intValue).toArray();
        try (ModelDirectory directory = ModelDirectory.open(TestModels.demo().resolve("model"));
                Decoder model = Decoder.load(backend, directory, Progress.NONE);
                Workspace workspace = backend.workspace()) {
            Matrix logits = model.logits(workspace, model.hiddenStates(workspace, List.of(ids)));
            float[] last = row(logits, ids.length - 1);
            for (int i = 0; i < 16; i++) {
                assertThat(last[i])
                        .as("logit %s", i)
                        .isCloseTo(golden.lastLogits().get(i), within(1e-3f));
            }
            assertThat(backend.transformer().argmaxRows(logits)[ids.length - 1]).isEqualTo(golden.lastArgmax());
            int[] targets = Arrays.copyOfRange(ids, 1, ids.length);
            double mean = Arrays.stream(backend.transformer()
                            .logProbabilities(
                                    logits.rows(0, targets.length), workspace.copyOf(1, targets.length, targets)))
                    .average()
                    .orElseThrow();
            assertThat(mean).isCloseTo(golden.meanLogProbability(), within(1e-3));
        }
    }

    @Test
    void windowsOfABatchDoNotSeeEachOther(@TempDir Path path) {
        try (ModelDirectory directory = ModelDirectory.open(TestModels.tiny(path, 7));
                Decoder model = Decoder.load(backend, directory, Progress.NONE);
                Workspace workspace = backend.workspace()) {
            int[] one = IntStream.range(0, 20).map(i -> i * 5 % 250).toArray();
            int[] two = IntStream.range(0, 20).map(i -> i * 11 % 250).toArray();
            Matrix together = model.hiddenStates(workspace, List.of(one, two));
            Matrix alone = model.hiddenStates(workspace, List.of(two));
            for (int i = 0; i < 20; i++) {
                assertThat(row(together, 20 + i)).containsExactly(row(alone, i), within(1e-4f));
            }
        }
    }

    @Test
    void theScalarBackendAgrees(@TempDir Path path) {
        int[] tokens = IntStream.range(0, 12).map(i -> i * 19 % 250).toArray();
        TestModels.tiny(path, 8);
        assertThat(logits("scalar", path, tokens)).containsExactly(logits("vector", path, tokens), within(1e-4f));
    }

    private static float[] logits(String name, Path path, int[] tokens) {
        try (ComputeBackend backend = ComputeBackends.named(name);
                ModelDirectory directory = ModelDirectory.open(path);
                Decoder model = Decoder.load(backend, directory, Progress.NONE);
                Workspace workspace = backend.workspace()) {
            return row(model.logits(workspace, model.hiddenStates(workspace, List.of(tokens))), tokens.length - 1);
        }
    }

    @Test
    void closingGivesTheMemoryBack(@TempDir Path path) {
        long before = backend.allocatedBytes();
        try (ModelDirectory directory = ModelDirectory.open(TestModels.tiny(path, 7));
                Decoder model = Decoder.load(backend, directory, Progress.NONE);
                Workspace workspace = backend.workspace()) {
            model.hiddenStates(workspace, List.of(new int[] {1, 2, 3}));
            assertThat(backend.allocatedBytes()).isGreaterThan(before);
        }
        assertThat(backend.allocatedBytes()).isEqualTo(before);
    }

    private static float[] row(Matrix matrix, int index) {
        try (Arena arena = Arena.ofConfined()) {
            HostMatrix host = HostMatrix.allocate(arena, 1, matrix.columns());
            ComputeBackends.named("scalar").download(matrix.rows(index, index + 1), host);
            return host.data().toArray(ValueLayout.JAVA_FLOAT);
        }
    }
}
