package dev.quipforge.llm.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.testing.QuantizedModels;
import java.nio.file.Path;
import java.util.List;
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
                Trained trained = new Trained(backend, 0)) {
            trained.addGradients();
            new GradientCheck(backend, trained::loss).run(trained.model.parameters(), 2e-3);
        }
    }

    @Test
    void anotherBackendThatKeepsAllActivationsFindsTheSameGradients() {
        try (ComputeBackend scalar = ComputeBackends.named("scalar");
                ComputeBackend vector = ComputeBackends.named("vector");
                Trained one = new Trained(scalar, 0);
                Trained other = new Trained(vector, Long.MAX_VALUE)) {
            assertThat(other.addGradients()).isCloseTo(one.addGradients(), within(1e-4 * one.loss()));
            for (int i = 0; i < one.model.parameters().size(); i++) {
                Parameter expected = one.model.parameters().get(i);
                float[] values = floats(scalar, expected.gradient());
                double size = Math.sqrt(scalar.dense().innerProduct(expected.gradient(), expected.gradient()));
                assertThat(floats(vector, other.model.parameters().get(i).gradient()))
                        .as(expected.name())
                        .containsExactly(values, within((float) (1e-4 * size)));
            }
        }
    }

    @Test
    void anOriginalDivergesNotFromItself() {
        try (ComputeBackend backend = ComputeBackends.named("scalar");
                Trained trained = new Trained(backend, 0)) {
            assertThat(trained.model.head().divergence(trained.original, trained.original))
                    .isCloseTo(0, within(1e-9));
        }
    }

    private static float[] floats(ComputeBackend backend, Matrix matrix) {
        return HostTensors.of(backend, "matrix", matrix).floats();
    }

    /** The quantized model on a window, beside the original's last hidden states. */
    private static final class Trained implements AutoCloseable {

        private final List<int[]> windows = fixture.windows().tokens().subList(0, 1);
        private final ModelDirectory directory = fixture.open();
        private final TrainingSource source;
        private final TrainableModel model;
        private final Workspace workspace;
        private final Matrix original;

        Trained(ComputeBackend backend, long kept) {
            this.source = TrainingSource.open(directory, fixture.config(), fixture.groups(directory), List.of());
            int tokens = fixture.windows().context();
            this.model = TrainableModel.load(backend, source, tokens, kept);
            this.workspace = backend.workspace();
            this.original = fixture.finals(backend, workspace, 1);
        }

        double addGradients() {
            Matrix hidden = model.forward(windows);
            Matrix gradient = workspace.matrix(hidden.rows(), hidden.columns());
            double loss = model.head().divergence(original, hidden, 1, gradient);
            model.backward(windows.size(), gradient);
            return loss;
        }

        double loss() {
            return model.head().divergence(original, model.forward(windows));
        }

        @Override
        public void close() {
            workspace.close();
            model.close();
            source.close();
            directory.close();
        }
    }
}
