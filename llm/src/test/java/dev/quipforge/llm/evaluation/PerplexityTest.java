package dev.quipforge.llm.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.testing.TestModels;
import dev.quipforge.llm.tokenizer.TextWindows;
import dev.quipforge.llm.transformer.Llama;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PerplexityTest {

    private final ComputeBackend backend = ComputeBackends.auto();

    @Test
    void theDemoModelHasThePerplexityThatAnIndependentProgramMeasured() throws IOException {
        String text = Files.readString(TestModels.demo().resolve("heldout.txt"));
        try (ModelDirectory directory = ModelDirectory.open(TestModels.demo().resolve("model"));
                Llama model = Llama.load(backend, directory, Progress.NONE)) {
            List<int[]> windows = TextWindows.cut(directory.tokenizer(), text, Perplexity.WINDOW, "heldout.txt");
            Perplexity perplexity = Perplexity.measure(model, windows, Progress.NONE);
            assertThat(perplexity.perplexity()).isCloseTo(19.09, within(0.02));
            assertThat(perplexity.tokens()).isEqualTo(windows.size() * 511L);
        }
    }

    @Test
    void aModelDoesNotDivergeFromItself(@TempDir Path path) {
        try (ModelDirectory directory = ModelDirectory.open(TestModels.tiny(path, 1));
                Llama model = Llama.load(backend, directory, Progress.NONE)) {
            List<int[]> windows = TextWindows.cut(directory.tokenizer(), TestModels.text(100, 2), 32, "text");
            Comparison comparison = Comparison.measure(model, model, windows, Progress.NONE);
            assertThat(comparison.meanDivergence()).isZero();
            assertThat(comparison.topAgreement()).isEqualTo(1);
            assertThat(comparison.quantized()).isEqualTo(comparison.original());
            assertThat(comparison.original()).isEqualTo(Perplexity.measure(model, windows, Progress.NONE));
            assertThat(comparison.original().windows()).isEqualTo(3);
        }
    }

    @Test
    void modelsThatDifferDiverge(@TempDir Path path) {
        try (ModelDirectory first = ModelDirectory.open(TestModels.tiny(path.resolve("1"), 1));
                ModelDirectory second = ModelDirectory.open(TestModels.tiny(path.resolve("2"), 2));
                Llama one = Llama.load(backend, first, Progress.NONE);
                Llama two = Llama.load(backend, second, Progress.NONE)) {
            List<int[]> windows = TextWindows.cut(first.tokenizer(), TestModels.text(100, 2), 32, "text");
            Comparison comparison = Comparison.measure(one, two, windows, Progress.NONE);
            assertThat(comparison.meanDivergence()).isPositive();
            assertThat(comparison.topAgreement()).isLessThan(0.5);
        }
    }
}
