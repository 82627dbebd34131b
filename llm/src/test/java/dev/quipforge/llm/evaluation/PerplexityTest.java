package dev.quipforge.llm.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.testing.SpecialTokens;
import dev.quipforge.llm.testing.TestModels;
import dev.quipforge.llm.tokenizer.TextWindows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PerplexityTest {

    private final ComputeBackend backend = ComputeBackends.auto();

    @Test
    void theDemoModelHasThePerplexityThatAnIndependentProgramMeasured() throws IOException {
        String text = Files.readString(TestModels.demo().resolve("heldout.txt"));
        try (ModelDirectory directory = ModelDirectory.open(TestModels.demo().resolve("model"))) {
            TextWindows windows = TextWindows.cut(directory.tokenizer(), text, Perplexity.WINDOW, "heldout.txt");
            Perplexity perplexity = Perplexity.measure(backend, directory, windows, Progress.NONE);
            assertThat(perplexity.perplexity()).isCloseTo(19.09, within(0.02));
            assertThat(perplexity.tokens()).isEqualTo(windows.tokens().size() * 511L);
            assertThat(perplexity.specialTokens()).isZero();
        }
    }

    @Test
    void aModelDoesNotDivergeFromItself(@TempDir Path path) {
        try (ModelDirectory directory = ModelDirectory.open(TestModels.tiny(path, 1))) {
            TextWindows windows = TextWindows.cut(directory.tokenizer(), TestModels.text(100, 2), 32, "text");
            Comparison comparison = Comparison.measure(backend, directory, directory, windows, Progress.NONE);
            assertThat(comparison.meanDivergence()).isZero();
            assertThat(comparison.topAgreement()).isEqualTo(1);
            assertThat(comparison.quantized()).isEqualTo(comparison.original());
            assertThat(comparison.original()).isEqualTo(Perplexity.measure(backend, directory, windows, Progress.NONE));
            assertThat(comparison.original().windows()).isEqualTo(3);
        }
    }

    @Test
    void specialTokensBeforeAWindowAreNotPredicted(@TempDir Path path) {
        SpecialTokens.postProcess(
                TestModels.tiny(path, 1),
                SpecialTokens.template(List.of(SpecialTokens.BEGIN, SpecialTokens.MASK), List.of()));
        try (ModelDirectory directory = ModelDirectory.open(path)) {
            TextWindows windows = TextWindows.cut(directory.tokenizer(), TestModels.text(100, 2), 32, "text");
            Perplexity begun = Perplexity.measure(backend, directory, windows, Progress.NONE);
            Perplexity all =
                    Perplexity.measure(backend, directory, new TextWindows(windows.tokens(), 1), Progress.NONE);
            Perplexity pair = Perplexity.measure(backend, directory, pairs(windows), Progress.NONE);

            assertThat(begun.specialTokens()).isEqualTo(2);
            assertThat(begun.tokens()).isEqualTo(3 * 30L);
            assertThat(all.tokens()).isEqualTo(3 * 31L);
            assertThat(Math.log(all.perplexity()) * 31)
                    .isCloseTo(Math.log(begun.perplexity()) * 30 + Math.log(pair.perplexity()), within(1e-4));
        }
    }

    /** The first two tokens of every window. */
    private static TextWindows pairs(TextWindows windows) {
        return new TextWindows(
                windows.tokens().stream()
                        .map(window -> Arrays.copyOf(window, 2))
                        .toList(),
                0);
    }

    @Test
    void modelsThatDifferDiverge(@TempDir Path path) {
        try (ModelDirectory first = ModelDirectory.open(TestModels.tiny(path.resolve("1"), 1));
                ModelDirectory second = ModelDirectory.open(TestModels.tiny(path.resolve("2"), 2))) {
            TextWindows windows = TextWindows.cut(first.tokenizer(), TestModels.text(100, 2), 32, "text");
            Comparison comparison = Comparison.measure(backend, first, second, windows, Progress.NONE);
            assertThat(comparison.meanDivergence()).isPositive();
            assertThat(comparison.topAgreement()).isLessThan(0.5);
        }
    }
}
