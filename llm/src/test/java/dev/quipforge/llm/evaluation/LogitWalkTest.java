package dev.quipforge.llm.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.testing.OpenModel;
import dev.quipforge.llm.testing.ReferenceModel;
import dev.quipforge.llm.testing.TestModels;
import dev.quipforge.llm.tokenizer.TextWindows;
import dev.quipforge.llm.transformer.Decoder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Evaluation block by block against models that are in memory as a whole. */
class LogitWalkTest {

    private static final int WINDOW = 40;

    /** Of numbers that are sums of the same in another order. */
    private static final double RELATIVE = 1e-6;

    private final ComputeBackend backend = ComputeBackends.auto();

    @AfterEach
    void close() {
        backend.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen3", "gemma2", "qwen3_moe", "deepseek_v3", "gpt_oss"})
    void measuresWhatWholeModelsInMemoryDo(String family, @TempDir Path directory) {
        Path published = ReferenceModel.write(family, directory).directory();
        Path rounded = new OpenModel(backend, published)
                .quantized(directory.resolve("out"))
                .directory();
        try (ModelDirectory original = ModelDirectory.open(published);
                ModelDirectory quantized = ModelDirectory.open(rounded)) {
            TextWindows windows = TextWindows.cut(original.tokenizer(), text(), WINDOW, "text");
            Comparison expected = whole(original, quantized, windows);
            Comparison measured = Comparison.measure(backend, original, quantized, windows, Progress.NONE);
            requireSame(measured, expected);
            assertThat(Perplexity.measure(backend, quantized, windows, Progress.NONE))
                    .isEqualTo(measured.quantized());

            int few = 3 * WINDOW * original.config().hidden();
            LogitWalk inParts = new LogitWalk(backend, few, original, quantized);
            assertThat(windows.tokens()).hasSizeGreaterThan(6);
            requireSame(Comparison.measure(backend, inParts, windows, Progress.NONE), expected);
        }
        assertThat(backend.allocatedBytes()).isZero();
    }

    private static void requireSame(Comparison measured, Comparison expected) {
        assertThat(measured.original().perplexity())
                .isCloseTo(
                        expected.original().perplexity(),
                        relative(expected.original().perplexity()));
        assertThat(measured.quantized().perplexity())
                .isCloseTo(
                        expected.quantized().perplexity(),
                        relative(expected.quantized().perplexity()));
        assertThat(measured.original().tokens()).isEqualTo(expected.original().tokens());
        assertThat(measured.meanDivergence()).isCloseTo(expected.meanDivergence(), relative(1));
        assertThat(measured.topAgreement()).isEqualTo(expected.topAgreement());
    }

    private static Offset<Double> relative(double value) {
        return within(RELATIVE * value);
    }

    /** One window after the other through both models. */
    private Comparison whole(ModelDirectory first, ModelDirectory second, TextWindows windows) {
        Perplexity.Score original = new Perplexity.Score();
        Perplexity.Score quantized = new Perplexity.Score();
        double divergence = 0;
        double agreements = 0;
        int begin = Math.max(0, windows.specialTokens() - 1);
        try (Decoder one = Decoder.load(backend, first, Progress.NONE);
                Decoder two = Decoder.load(backend, second, Progress.NONE)) {
            for (int[] window : windows.tokens()) {
                try (Workspace workspace = backend.workspace()) {
                    int[] targets = Arrays.copyOfRange(window, begin + 1, WINDOW);
                    Matrix p = logits(workspace, one, window).rows(begin, WINDOW - 1);
                    Matrix q = logits(workspace, two, window).rows(begin, WINDOW - 1);
                    original.add(
                            backend.transformer().logProbabilities(p, workspace.copyOf(1, targets.length, targets)));
                    quantized.add(
                            backend.transformer().logProbabilities(q, workspace.copyOf(1, targets.length, targets)));
                    divergence += Arrays.stream(backend.transformer().divergence(p, q))
                            .sum();
                    int[] best = backend.transformer().argmaxRows(p);
                    int[] other = backend.transformer().argmaxRows(q);
                    for (int i = 0; i < best.length; i++) {
                        agreements += best[i] == other[i] ? 1 : 0;
                    }
                }
            }
        }
        double tokens = original.tokens();
        return new Comparison(
                original.perplexity(windows), quantized.perplexity(windows), divergence / tokens, agreements / tokens);
    }

    private static Matrix logits(Workspace workspace, Decoder model, int[] window) {
        return model.logits(workspace, model.hiddenStates(workspace, List.of(window)));
    }

    private static String text() {
        return TestModels.text(1500, 4);
    }
}
