package dev.quipforge.llm.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.compute.AdamStep;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.rows.MatrixRows;
import dev.quipforge.llm.testing.QuantizedModels;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model of HYB, whose tables are trained. */
class TrainableTableTest {

    @TempDir
    static Path directory;

    private static QuantizedModels fixture;

    @BeforeAll
    static void make() {
        fixture = QuantizedModels.hybrid(directory, 8);
    }

    @Test
    void theGradientsOfTablesAreTheDifferencesOfTheLoss() {
        try (ComputeBackend backend = ComputeBackends.named("scalar");
                TrainedModel trained = new TrainedModel(fixture, backend, Long.MAX_VALUE)) {
            trained.addGradients();
            assertThat(trained.tables()).hasSize(2 * 7);
            assertThat(trained.parameters()).hasSize(2 * (2 + 4 + 2 * 7) + 2);
            new GradientCheck(backend, trained::loss).run(trained.parameters(), 2e-3);
        }
    }

    @Test
    void anotherBackendFindsTheSameGradients() {
        try (ComputeBackend scalar = ComputeBackends.named("scalar");
                ComputeBackend vector = ComputeBackends.named("vector");
                TrainedModel one = new TrainedModel(fixture, scalar, Long.MAX_VALUE);
                TrainedModel other = new TrainedModel(fixture, vector, Long.MAX_VALUE)) {
            assertThat(other.addGradients()).isCloseTo(one.addGradients(), within(1e-4 * one.loss()));
            for (int i = 0; i < one.tables().size(); i++) {
                Matrix expected = one.tables().get(i).gradient();
                double size = Math.sqrt(scalar.dense().innerProduct(expected, expected));
                assertThat(size).isPositive();
                assertThat(floats(vector, other.tables().get(i).gradient()))
                        .as(one.tables().get(i).name())
                        .containsExactly(floats(scalar, expected), within((float) (1e-4 * size)));
            }
        }
    }

    @Test
    void tablesAloneBringTheModelNearerToTheOriginal() {
        try (ComputeBackend backend = ComputeBackends.named("vector");
                TrainedModel trained = new TrainedModel(fixture, backend, Long.MAX_VALUE)) {
            double before = trained.loss();
            trained.parameters().forEach(parameter -> parameter.keep(backend));
            for (int step = 1; step <= 10; step++) {
                trained.addGradients();
                AdamStep adam = AdamStep.usual(5e-3f, step);
                trained.tables().forEach(table -> table.step(backend, adam));
            }
            assertThat(trained.loss()).isLessThan(0.8 * before);
            trained.parameters().forEach(parameter -> parameter.restore(backend));
            assertThat(trained.loss()).isEqualTo(before);
        }
    }

    @Test
    void theTuningOfABlockLeavesTablesAlone() {
        try (ComputeBackend backend = ComputeBackends.named("vector");
                ModelDirectory model = fixture.open();
                TrainingSource source =
                        TrainingSource.open(model, fixture.scheme(), fixture.groups(model, 1, 4), List.of());
                BlockTraining block = BlockTraining.load(backend, source, 1, 16)) {
            assertThat(block.parameters())
                    .hasSize(2 + 4 + 7)
                    .noneMatch(parameter -> parameter.kind() == Parameter.Kind.TABLE);
            assertThat(block.tensors()).noneMatch(tensor -> tensor.name().endsWith(".tlut"));
        }
    }

    private static float[] floats(ComputeBackend backend, Matrix matrix) {
        return new MatrixRows(backend, matrix).values();
    }
}
