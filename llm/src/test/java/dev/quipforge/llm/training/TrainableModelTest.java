package dev.quipforge.llm.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.llm.rows.MatrixRows;
import dev.quipforge.llm.testing.QuantizedModels;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainableModelTest {

    @TempDir
    static Path directory;

    private static QuantizedModels fixture;

    @BeforeAll
    static void make() {
        fixture = QuantizedModels.make(directory, 8);
    }

    @Test
    void theGradientsOfAModelAreItsDifferences() {
        try (ComputeBackend backend = ComputeBackends.named("scalar");
                TrainedModel trained = new TrainedModel(fixture, backend, 0)) {
            trained.addGradients();
            new GradientCheck(backend, trained::loss).run(trained.parameters(), 2e-3);
        }
    }

    @Test
    void anotherBackendThatKeepsAllActivationsFindsTheSameGradients() {
        try (ComputeBackend scalar = ComputeBackends.named("scalar");
                ComputeBackend vector = ComputeBackends.named("vector");
                TrainedModel one = new TrainedModel(fixture, scalar, 0);
                TrainedModel other = new TrainedModel(fixture, vector, Long.MAX_VALUE)) {
            assertThat(other.addGradients()).isCloseTo(one.addGradients(), within(1e-4 * one.loss()));
            for (int i = 0; i < one.parameters().size(); i++) {
                Parameter expected = one.parameters().get(i);
                float[] values = floats(scalar, expected.gradient());
                double size = Math.sqrt(scalar.dense().innerProduct(expected.gradient(), expected.gradient()));
                assertThat(floats(vector, other.parameters().get(i).gradient()))
                        .as(expected.name())
                        .containsExactly(values, within((float) (1e-4 * size)));
            }
        }
    }

    @Test
    void anOriginalDivergesNotFromItself() {
        try (ComputeBackend backend = ComputeBackends.named("scalar");
                TrainedModel trained = new TrainedModel(fixture, backend, 0)) {
            assertThat(trained.model().head().divergence(trained.original(), trained.original()))
                    .isCloseTo(0, within(1e-9));
        }
    }

    private static float[] floats(ComputeBackend backend, Matrix matrix) {
        return new MatrixRows(backend, matrix).values();
    }
}
