package dev.quipforge.llm.family;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.rows.MatrixRows;
import dev.quipforge.llm.testing.ReferenceModel;
import dev.quipforge.llm.transformer.Decoder;
import dev.quipforge.llm.transformer.KeyValueCache;
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
        try (ModelDirectory opened = ModelDirectory.open(reference.directory());
                Decoder model = Decoder.load(backend(), opened, Progress.NONE)) {
            List<int[]> expected = reference.greedy();
            for (int[] text : expected) {
                assertThat(continued(model, text)).isEqualTo(text);
            }
        }
    }

    /** The first half of {@code text}, continued to its length. */
    private int[] continued(Decoder model, int[] text) {
        int[] tokens = Arrays.copyOf(text, text.length);
        int prompt = text.length / 2;
        try (KeyValueCache cache = new KeyValueCache(backend(), model.config(), text.length)) {
            int next = next(model, cache, Arrays.copyOf(text, prompt));
            for (int i = prompt; i < text.length; i++) {
                tokens[i] = next;
                next = i + 1 < text.length ? next(model, cache, next) : next;
            }
        }
        return tokens;
    }

    private int next(Decoder model, KeyValueCache cache, int... tokens) {
        try (Workspace workspace = backend().workspace()) {
            Matrix logits = model.logits(workspace, model.advance(workspace, cache, tokens));
            return backend().transformer().argmaxRows(logits)[0];
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
