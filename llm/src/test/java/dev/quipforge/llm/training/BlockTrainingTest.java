package dev.quipforge.llm.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.rows.MatrixRows;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.testing.QuantizedModels;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockTrainingTest {

    private static final int WINDOWS = 2;
    private static final int TOKENS = 2 * 9;

    @TempDir
    static Path directory;

    private static QuantizedModels fixture;

    @BeforeAll
    static void make() {
        fixture = QuantizedModels.make(directory, 8);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 4})
    void theGradientsOfABlockAreItsDifferences(int quantizedGroups) {
        try (ComputeBackend backend = ComputeBackends.named("scalar");
                Trained trained = new Trained(backend, quantizedGroups)) {
            trained.addGradients();
            new GradientCheck(backend, trained::loss).run(trained.block.parameters(), 2e-3);
        }
    }

    @Test
    void anotherBackendFindsTheSameGradients() {
        try (ComputeBackend scalar = ComputeBackends.named("scalar");
                ComputeBackend vector = ComputeBackends.named("vector");
                Trained one = new Trained(scalar, 3);
                Trained other = new Trained(vector, 3)) {
            assertThat(other.addGradients()).isCloseTo(one.addGradients(), within(1e-4 * one.loss()));
            for (int i = 0; i < one.block.parameters().size(); i++) {
                Parameter expected = one.block.parameters().get(i);
                Parameter actual = other.block.parameters().get(i);
                float[] values = floats(scalar, expected.gradient());
                double size = Math.sqrt(scalar.dense().innerProduct(expected.gradient(), expected.gradient()));
                assertThat(floats(vector, actual.gradient()))
                        .as(expected.name())
                        .containsExactly(values, within((float) (1e-4 * size)));
            }
        }
    }

    @Test
    void gradientsOfSeveralPassesAddUp() {
        try (ComputeBackend backend = ComputeBackends.named("scalar");
                Trained trained = new Trained(backend, 3)) {
            trained.addGradients();
            List<float[]> once = trained.block.parameters().stream()
                    .map(parameter -> floats(backend, parameter.gradient()))
                    .toList();
            trained.addGradients();
            for (int i = 0; i < once.size(); i++) {
                float[] twice =
                        floats(backend, trained.block.parameters().get(i).gradient());
                for (int j = 0; j < twice.length; j++) {
                    assertThat(twice[j]).isCloseTo(2 * once.get(i)[j], within(1e-4f * (1 + Math.abs(twice[j]))));
                }
            }
        }
    }

    private static List<Tensor> stored(BlockTraining block) {
        return block.tensors().stream()
                .filter(Tensor.class::isInstance)
                .map(Tensor.class::cast)
                .toList();
    }

    @Test
    void anUntrainedBlockStoresTheVectorsThatItWasLoadedWith() {
        try (ComputeBackend backend = ComputeBackends.named("scalar");
                Trained trained = new Trained(backend, 4)) {
            for (Tensor tensor : stored(trained.block)) {
                if (trained.source.groups().contains(tensor.name())) {
                    assertThat(tensor.floats())
                            .as(tensor.name())
                            .containsExactly(trained.source
                                    .groups()
                                    .tensor(tensor.name())
                                    .floats());
                }
            }
            assertThat(trained.block.tensors()).hasSize(2 + 2 * 7);
        }
    }

    private static float[] floats(ComputeBackend backend, Matrix matrix) {
        return new MatrixRows(backend, matrix).values();
    }

    /** Block 1 with some of its groups quantized, on random inputs and targets. */
    private static final class Trained implements AutoCloseable {

        private final ModelDirectory model = fixture.open();
        private final TrainingSource source;
        private final BlockTraining block;
        private final Workspace workspace;
        private final ComputeBackend backend;
        private final Matrix input;
        private final Matrix target;

        Trained(ComputeBackend backend, int quantizedGroups) {
            this.backend = backend;
            this.source =
                    TrainingSource.open(model, fixture.scheme(), fixture.groups(model, 1, quantizedGroups), List.of());
            this.block = BlockTraining.load(backend, source, 1, TOKENS);
            this.workspace = backend.workspace();
            this.input = random(11);
            this.target = random(12);
        }

        private Matrix random(long seed) {
            SplittableRandom random = new SplittableRandom(seed);
            try (Arena arena = Arena.ofConfined()) {
                HostMatrix values =
                        HostMatrix.allocate(arena, TOKENS, model.config().hidden());
                for (int i = 0; i < TOKENS * values.columns(); i++) {
                    values.data().setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
                }
                return workspace.copyOf(values);
            }
        }

        double addGradients() {
            backend.dense().copy(input, block.input(TOKENS));
            return block.squaredError(target, WINDOWS, 1);
        }

        double loss() {
            backend.dense().copy(input, block.input(TOKENS));
            return block.squaredError(target, WINDOWS);
        }

        @Override
        public void close() {
            workspace.close();
            block.close();
            source.close();
            model.close();
        }
    }
}
