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
import dev.quipforge.llm.evaluation.Perplexity;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.testing.TestModels;
import dev.quipforge.llm.transformer.BatchCache;
import dev.quipforge.llm.transformer.Llama;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SelfGenerationTest {

    private final ComputeBackend backend = ComputeBackends.auto();
    private final ModelDirectory directory =
            ModelDirectory.open(TestModels.demo().resolve("model"));
    private final Llama model = Llama.load(backend, directory, Progress.NONE);

    @AfterEach
    void close() {
        model.close();
        directory.close();
        backend.close();
    }

    @Test
    void whatTheModelWritesIsLikelyToItAndTheSeedDecidesIt() {
        List<int[]> windows = new SelfGeneration(model, 5).windows(3, 48, Progress.NONE);
        assertThat(windows).hasSize(3).allSatisfy(window -> assertThat(window).hasSize(48));
        assertThat(windows.get(0)).isNotEqualTo(windows.get(1));
        assertThat(new SelfGeneration(model, 5).windows(3, 48, Progress.NONE)).containsExactlyElementsOf(windows);
        assertThat(new SelfGeneration(model, 6).windows(1, 48, Progress.NONE).getFirst())
                .isNotEqualTo(windows.getFirst());
        // real text has 19, random tokens have thousands
        assertThat(Perplexity.measure(model, windows, Progress.NONE).perplexity())
                .isBetween(5.0, 80.0);
    }

    @Test
    void aRangeHasTheTokensThatItHasAmongAllWindows() {
        SelfGeneration generation = new SelfGeneration(model, 5);
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
            Matrix together = workspace.matrix(2, model.config().sizes().hidden());
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
                .isThrownBy(() -> new SelfGeneration(model, 0).windows(1, 2000, Progress.NONE))
                .withMessage("context: 2000 (expected: 1 to 1024 of this model)");
    }
}
