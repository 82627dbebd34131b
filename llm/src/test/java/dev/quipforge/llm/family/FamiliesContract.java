package dev.quipforge.llm.family;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.rows.MatrixRows;
import dev.quipforge.llm.sampling.Sampling;
import dev.quipforge.llm.testing.ReferenceModel;
import dev.quipforge.llm.testing.ServedTexts;
import dev.quipforge.llm.transformer.Decoder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every family on one backend, against what Hugging Face Transformers computes. */
public abstract class FamiliesContract {

    @TempDir
    Path directory;

    /** The backend under test, open for the whole suite. */
    protected abstract ComputeBackend backend();

    /** How far logits may be from those of Transformers, of the largest one; less on a backend that rounds to 16 bits. */
    protected double tolerance() {
        return 2e-3;
    }

    static Stream<String> names() {
        return ReferenceModel.NAMES.stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void theLogitsAreThoseOfTransformers(String name) {
        ReferenceModel reference = ReferenceModel.write(name, directory);
        try (ModelDirectory opened = ModelDirectory.open(reference.directory());
                Decoder model = Decoder.load(backend(), opened, Progress.NONE);
                Workspace workspace = backend().workspace()) {
            Matrix hidden = model.hiddenStates(workspace, reference.texts());
            assertClose(name, new MatrixRows(backend(), model.logits(workspace, hidden)).values(), reference.logits());
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void theLikeliestTokensAreThoseOfTransformers(String name) {
        ReferenceModel reference = ReferenceModel.write(name, directory);
        List<int[]> expected = reference.greedy();
        try (ServedTexts served = ServedTexts.of(backend(), reference.directory(), ServedTexts.settings(64))) {
            List<ServedTexts.Text> texts = expected.stream()
                    .map(text -> served.submit(
                            Arrays.copyOf(text, text.length / 2), Sampling.greedy(text.length - text.length / 2)))
                    .toList();
            for (int i = 0; i < expected.size(); i++) {
                int[] text = expected.get(i);
                assertThat(texts.get(i).tokens()).isEqualTo(Arrays.copyOfRange(text, text.length / 2, text.length));
            }
        }
    }

    private void assertClose(String name, float[] actual, float[] expected) {
        double largest = 0;
        double error = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            error = Math.max(error, Math.abs(actual[i] - expected[i]));
        }
        assertThat(error / largest).as(name).isLessThan(tolerance());
    }
}
