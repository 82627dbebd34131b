package dev.quipforge.llm.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.config.ConfigReader;
import dev.quipforge.llm.config.ModelConfig;
import dev.quipforge.llm.evaluation.Perplexity;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.testing.TestModels;
import dev.quipforge.llm.tokenizer.TextWindows;
import dev.quipforge.llm.transformer.BatchCache;
import dev.quipforge.llm.transformer.Decoder;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelfGenerationTest {

    private static final int[] NO_PREFIX = {};

    private final ComputeBackend backend = ComputeBackends.auto();
    private final ModelDirectory directory =
            ModelDirectory.open(TestModels.demo().resolve("model"));
    private final Decoder model = Decoder.load(backend, directory, Progress.NONE);

    @AfterEach
    void close() {
        model.close();
        directory.close();
        backend.close();
    }

    @Test
    void whatTheModelWritesIsLikelyToItAndTheSeedDecidesIt() {
        List<int[]> windows = new SelfGeneration(model, NO_PREFIX, 5).windows(3, 48, Progress.NONE);
        assertThat(windows).hasSize(3).allSatisfy(window -> assertThat(window).hasSize(48));
        assertThat(windows.get(0)).isNotEqualTo(windows.get(1));
        assertThat(new SelfGeneration(model, NO_PREFIX, 5).windows(3, 48, Progress.NONE))
                .containsExactlyElementsOf(windows);
        assertThat(new SelfGeneration(model, NO_PREFIX, 6)
                        .windows(1, 48, Progress.NONE)
                        .getFirst())
                .isNotEqualTo(windows.getFirst());
        // real text has 19, random tokens have thousands
        assertThat(Perplexity.measure(backend, directory, new TextWindows(windows, 0), Progress.NONE)
                        .perplexity())
                .isBetween(5.0, 80.0);
    }

    @Test
    void whatTheTokenizerPutsBeforeATextBeginsEveryWindow() {
        int end = model.config().endTokens().getFirst();
        List<int[]> plain = new SelfGeneration(model, NO_PREFIX, 5).windows(2, 8, Progress.NONE);
        List<int[]> begun = new SelfGeneration(model, new int[] {end}, 5).windows(2, 9, Progress.NONE);
        List<int[]> longer = new SelfGeneration(model, new int[] {7, end}, 5).windows(2, 9, Progress.NONE);
        for (int i = 0; i < 2; i++) {
            assertThat(begun.get(i)).startsWith(end).endsWith(plain.get(i));
            assertThat(longer.get(i)).hasSize(9).startsWith(7, end);
        }
        assertThat(longer.getFirst()).isNotEqualTo(begun.getFirst());
    }

    @Test
    void aModelMustHaveATokenToBeginWith(@TempDir Path path) {
        Map<String, Object> config = TestModels.config();
        config.remove("eos_token_id");
        TestModels.writeConfig(path, config);
        ModelConfig endless = ConfigReader.read(path);

        SelfGeneration.check(endless, new int[] {257}, 2);
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> SelfGeneration.check(endless, NO_PREFIX, 2))
                .withMessage("config.json: no eos_token_id (expected: one, with which a generated text begins)");
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> SelfGeneration.check(endless, new int[] {257}, 1))
                .withMessage("context: 1 (expected: 2 to 256 of this model)");
    }

    @Test
    void aRangeHasTheTokensThatItHasAmongAllWindows() {
        SelfGeneration generation = new SelfGeneration(model, NO_PREFIX, 5);
        int all = SelfGeneration.BATCH + 3;
        List<int[]> together = generation.windows(all, 4, Progress.NONE);
        List<int[]> apart = new ArrayList<>(generation.range(0, SelfGeneration.BATCH, 4, Progress.NONE));
        apart.addAll(generation.range(SelfGeneration.BATCH, all, 4, Progress.NONE));

        assertThat(apart).containsExactlyElementsOf(together);
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> generation.range(3, all, 4, Progress.NONE))
                .withMessage("windows: 3 to 67 (expected: from a multiple of 64 to more)");
    }

    @Test
    void textsThatGrowTogetherGetTheStatesOfEachAlone() {
        int[][] texts = {{7, 100, 2000, 31}, {9, 55, 1, 4000}};
        try (Workspace workspace = backend.workspace();
                BatchCache cache = new BatchCache(backend, model.config(), 2, 4);
                Arena arena = Arena.ofConfined()) {
            Matrix together = workspace.matrix(2, model.config().hidden());
            for (int at = 0; at < 4; at++) {
                together = model.advance(workspace, cache, texts[0][at], texts[1][at]);
            }
            for (int text = 0; text < 2; text++) {
                Matrix alone =
                        model.hiddenStates(workspace, List.of(texts[text])).rows(3, 4);
                HostMatrix expected = HostMatrix.allocate(arena, 1, alone.columns());
                HostMatrix found = HostMatrix.allocate(arena, 1, alone.columns());
                backend.download(alone, expected);
                backend.download(together.rows(text, text + 1), found);
                for (int i = 0; i < alone.columns(); i++) {
                    assertThat(found.get(0, i)).isCloseTo(expected.get(0, i), within(1e-3f));
                }
            }
        }
    }

    @Test
    void aWindowLongerThanTheModelsContextIsRefused() {
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> new SelfGeneration(model, NO_PREFIX, 0).windows(1, 2000, Progress.NONE))
                .withMessage("context: 2000 (expected: 1 to 1024 of this model)");
    }
}
