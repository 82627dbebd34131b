package dev.quipforge.llm.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.sampling.Sampling;
import dev.quipforge.llm.testing.ReferenceModel;
import dev.quipforge.llm.testing.ServedTexts;
import dev.quipforge.llm.testing.ServedTexts.Text;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineTest {

    private static final ComputeBackend BACKEND = ComputeBackends.named("vector");
    private static final int VOCABULARY = 512;

    @TempDir
    Path directory;

    @AfterAll
    static void close() {
        BACKEND.close();
    }

    private ServedTexts serve(EngineSettings settings) {
        return ServedTexts.of(BACKEND, ReferenceModel.write("llama3", directory).directory(), settings);
    }

    private static int[] prompt(long seed, int length) {
        return new SplittableRandom(seed).ints(length, 3, VOCABULARY).toArray();
    }

    @Test
    void aBeginningThatWasSeenIsNotComputedAgain() {
        try (ServedTexts served = serve(ServedTexts.settings(64))) {
            int[] prompt = prompt(1, 30);
            SequenceEnd first = served.submit(prompt, Sampling.greedy(3)).end();
            SequenceEnd second = served.submit(prompt, Sampling.greedy(3)).end();
            assertThat(first.cachedTokens()).isZero();
            assertThat(second.cachedTokens()).isEqualTo(28);
            assertThat(served.idleStatus().promptTokens()).isEqualTo(30 + 2);
            assertThat(served.idleStatus().cachedTokens()).isEqualTo(28);
        }
    }

    @Test
    void theLongestPrefixInWholePagesButTheLastTokenIsFound() {
        try (ServedTexts served = serve(ServedTexts.settings(64))) {
            served.submit(prompt(1, 32), Sampling.greedy(1)).end();
            assertThat(served.submit(prompt(1, 32), Sampling.greedy(1)).end().cachedTokens())
                    .isEqualTo(28);
            int[] other = prompt(1, 32);
            other[9]++;
            assertThat(served.submit(other, Sampling.greedy(1)).end().cachedTokens())
                    .isEqualTo(8);
        }
    }

    @Test
    void textsThatAreCancelledGiveTheirPagesBack() {
        try (ServedTexts served = serve(ServedTexts.settings(64))) {
            List<Text> texts = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                texts.add(served.submit(prompt(i, 20), Sampling.greedy(90)));
            }
            texts.forEach(Text::cancel);
            texts.forEach(text -> assertThat(text.end().reason())
                    .isIn(SequenceEnd.Reason.CANCELLED, SequenceEnd.Reason.STOP, SequenceEnd.Reason.LENGTH));
            assertThat(served.idleStatus().usedPages()).isZero();
            assertThat(served.submit(prompt(50, 20), Sampling.greedy(5)).end().failure())
                    .isNull();
        }
    }

    @Test
    void noMoreTextsWaitThanAreAllowedTo() {
        EngineSettings two = new EngineSettings(1, 8, 1, 32, 4, 128);
        try (ServedTexts served = serve(two)) {
            Text first = served.submit(prompt(1, 8), Sampling.greedy(100));
            Text second = served.submit(prompt(2, 8), Sampling.greedy(100));
            assertThatExceptionOfType(EngineFullException.class)
                    .isThrownBy(() -> served.submit(prompt(3, 8), Sampling.greedy(100)))
                    .withMessage("engine: 1 texts are waiting, no more are taken (try again later)");
            first.cancel();
            second.cancel();
            first.end();
            second.end();
            assertThat(served.submit(prompt(3, 8), Sampling.greedy(2)).end().tokens())
                    .isPositive();
        }
    }

    @Test
    void aListenerThatFailsEndsItsOwnTextOnly() {
        try (ServedTexts served = serve(ServedTexts.settings(64))) {
            Text healthy = served.submit(prompt(1, 10), Sampling.greedy(20));
            CompletableFuture<SequenceEnd> broken = new CompletableFuture<>();
            served.engine().submit(prompt(2, 10), Sampling.greedy(20), new SequenceListener() {
                @Override
                public boolean token(int token) {
                    throw new IllegalStateException("the client is gone");
                }

                @Override
                public void ended(SequenceEnd end) {
                    broken.complete(end);
                }
            });
            assertThat(broken.join().failure()).hasMessage("the client is gone");
            assertThat(healthy.end().failure()).isNull();
            assertThat(served.idleStatus().usedPages()).isZero();
        }
    }

    @Test
    void aClosedEngineEndsItsTexts() {
        ServedTexts served = serve(ServedTexts.settings(64));
        Text text = served.submit(prompt(1, 10), Sampling.greedy(110));
        served.close();
        assertThat(text.end().reason()).isIn(SequenceEnd.Reason.FAILED, SequenceEnd.Reason.STOP);
        Text late = served.submit(prompt(2, 10), Sampling.greedy(3));
        assertThat(late.end().reason()).isEqualTo(SequenceEnd.Reason.FAILED);
    }

    @Test
    void aPromptThatCannotBeContinuedIsRefused() {
        try (ServedTexts served = serve(ServedTexts.settings(8))) {
            assertThatExceptionOfType(InvalidModelException.class)
                    .isThrownBy(() -> served.submit(new int[0], Sampling.greedy(1)))
                    .withMessage("prompt: empty (expected: at least one token)");
            assertThatExceptionOfType(InvalidModelException.class)
                    .isThrownBy(() -> served.submit(new int[] {7, VOCABULARY}, Sampling.greedy(1)))
                    .withMessage("prompt: token 512 (expected: 0 to 511)");
            assertThatExceptionOfType(InvalidModelException.class)
                    .isThrownBy(() -> served.submit(prompt(1, 30), Sampling.greedy(3)))
                    .withMessage("prompt: 30 tokens and 3 to generate (expected: at most 32 together)");
        }
    }
}
