package dev.quipforge.llm.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.config.QuantizationCode;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.testing.ReferenceModel;
import dev.quipforge.llm.transformer.EmbeddingForward;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The backward pass of the last block of every family, against differences of the loss. */
class FamilyGradientsTest {

    /** Longer than the sliding windows of the reference models. */
    private static final int TOKENS = 20;

    /** From here on no token of a window lies between two experts, where the loss jumps. */
    private static final int FIRST = 16;

    @TempDir
    Path directory;

    static Stream<String> names() {
        return ReferenceModel.NAMES.stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void theGradientsOfABlockAreTheDifferencesOfItsLoss(String name) {
        ReferenceModel reference = ReferenceModel.write(name, directory);
        List<int[]> windows = reference.texts().stream()
                .map(text -> Arrays.copyOfRange(text, FIRST, FIRST + TOKENS))
                .toList();
        try (ComputeBackend backend = ComputeBackends.named("scalar");
                ModelDirectory model = ModelDirectory.open(reference.directory());
                TrainingSource source = TrainingSource.open(
                        model,
                        QuantizationScheme.uniform(QuantizationConfig.of(QuantizationCode.UNIFORM, 2, 1)),
                        List.of(),
                        List.of());
                BlockTraining block =
                        BlockTraining.load(backend, source, model.config().blocks() - 1, 2 * TOKENS);
                Workspace workspace = backend.workspace()) {
            int hidden = model.config().hidden();
            Matrix input = workspace.matrix(2 * TOKENS, hidden);
            EmbeddingForward.load(backend, workspace, model).run(windows, input);
            Matrix target = workspace.matrix(2 * TOKENS, hidden);
            backend.dense().copy(input, block.input(2 * TOKENS));
            double loss = block.squaredError(target, 2, 1);
            assertThat(loss).isPositive();
            DoubleSupplier again = () -> {
                backend.dense().copy(input, block.input(2 * TOKENS));
                return block.squaredError(target, 2);
            };
            GradientCheck check = new GradientCheck(backend, again, 1e-3f);
            check.run(block.parameters(), 1e-2);
        }
    }
}
