package dev.quipforge.llm.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.sampling.Sampler;
import dev.quipforge.llm.sampling.Sampling;
import dev.quipforge.llm.serving.Engine;
import dev.quipforge.llm.serving.EngineSettings;
import dev.quipforge.llm.testing.SpecialTokens;
import dev.quipforge.llm.testing.TestModels;
import dev.quipforge.llm.transformer.ServedDecoder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeneratorTest {

    private final ComputeBackend backend = ComputeBackends.auto();
    private final ModelDirectory directory =
            ModelDirectory.open(TestModels.demo().resolve("model"));
    private final Engine engine = engine(directory);
    private final Generator generator = new Generator(engine, directory.tokenizer());

    private Engine engine(ModelDirectory model) {
        EngineSettings settings = EngineSettings.of(model.config(), 1 << 26);
        return Engine.start(ServedDecoder.load(backend, model, Progress.NONE), settings);
    }

    @AfterEach
    void close() {
        engine.close();
        directory.close();
        backend.close();
    }

    @Test
    void theMostProbableTextIsTheSameEveryTimeAndStreamsInPieces() {
        StringBuilder heard = new StringBuilder();
        Generation first = generator.generate("The city was founded in", Sampling.greedy(24), heard::append);
        Generation second = generator.generate("The city was founded in", Sampling.greedy(24), piece -> {});
        assertThat(first).isEqualTo(second);
        assertThat(heard).hasToString(first.text()).isNotEmpty();
        assertThat(first.tokens()).isLessThanOrEqualTo(24);
    }

    @Test
    void theSeedDecidesWhatIsDrawn() {
        assertThat(drawn(1)).isEqualTo(drawn(1)).isNotEqualTo(drawn(2));
    }

    private String drawn(long seed) {
        return generator
                .generate("It is", new Sampling(24, 1, 0.9, seed, List.of()), piece -> {})
                .text();
    }

    @Test
    void onlyTheNucleusIsDrawnFrom() {
        Sampler half = new Sampler(new Sampling(1, 1, 0.5, 3, List.of()));
        Sampler all = new Sampler(new Sampling(1, 1, 1, 3, List.of()));
        float[] logits = {0, (float) Math.log(4), (float) Math.log(3), Float.NEGATIVE_INFINITY};
        int[] counts = new int[4];
        for (int i = 0; i < 4000; i++) {
            assertThat(half.next(logits)).isIn(1, 2);
            counts[all.next(logits)]++;
        }
        assertThat(counts[0]).isBetween(400, 600);
        assertThat(counts[1]).isBetween(1900, 2100);
        assertThat(counts[3]).isZero();
    }

    @Test
    void aStopTextEndsTheGenerationAndIsNotPartOfIt() {
        String plain = generator
                .generate("The city was founded in", Sampling.greedy(24), piece -> {})
                .text();
        String stop = plain.substring(plain.length() / 2, plain.length() / 2 + 3);
        StringBuilder heard = new StringBuilder();
        Generation stopped =
                generator.generate("The city was founded in", new Sampling(24, 0, 1, 0, List.of(stop)), heard::append);
        assertThat(stopped.end()).isEqualTo(Generation.End.STOP);
        assertThat(stopped.text()).isEqualTo(plain.substring(0, plain.indexOf(stop)));
        assertThat(heard).hasToString(stopped.text());
    }

    @Test
    void anEmptyPromptBeginsAText() {
        assertThat(generator.generate("", Sampling.greedy(4), piece -> {}).promptTokens())
                .isEqualTo(1);
    }

    @Test
    void aPromptFollowsWhatTheTokenizerPutsBeforeAText(@TempDir Path path) {
        SpecialTokens.beginTexts(TestModels.tiny(path, 1));
        try (ModelDirectory tiny = ModelDirectory.open(path);
                Engine loaded = engine(tiny)) {
            Generator begun = new Generator(loaded, tiny.tokenizer());
            Generation plain = begun.generate("abc", Sampling.greedy(4), piece -> {});
            assertThat(plain.promptTokens()).isEqualTo(4);
            assertThat(begun.generate(SpecialTokens.BEGIN + "abc", Sampling.greedy(4), piece -> {}))
                    .isEqualTo(plain);
            assertThat(begun.generate("", Sampling.greedy(4), piece -> {}).promptTokens())
                    .isEqualTo(1);
        }
    }

    @Test
    void aPromptAsLongAsTheContextIsRefused() {
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> generator.generate("word ".repeat(2000), Sampling.greedy(4), piece -> {}))
                .withMessageMatching("prompt: \\d+ tokens \\(expected: less than the context of 1024\\)");
    }

    @Test
    void settingsOutOfRangeAreNamed() {
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> new Sampling(1, -1, 1, 0, List.of()))
                .withMessage("temperature: -1.0 (expected: 0 to 100)");
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> new Sampling(1, 1, 0, 0, List.of()))
                .withMessage("top_p: 0.0 (expected: above 0, at most 1)");
    }
}
