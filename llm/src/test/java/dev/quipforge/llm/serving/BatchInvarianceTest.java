package dev.quipforge.llm.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.llm.sampling.Sampling;
import dev.quipforge.llm.testing.OpenModel;
import dev.quipforge.llm.testing.ReferenceModel;
import dev.quipforge.llm.testing.ServedTexts;
import dev.quipforge.llm.testing.ServedTexts.Text;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The same request gives the same tokens alone, among others, behind a beginning that is in the cache, after it had to give its
 * pages back, and beside texts that come and go.
 */
class BatchInvarianceTest {

    private static final int REQUESTS = 24;

    @TempDir
    Path directory;

    /** What is asked for; some begin alike, some draw, some are cancelled. */
    private record Request(List<Integer> tokens, Sampling sampling, boolean cancelled) {

        int[] prompt() {
            return tokens.stream().mapToInt(Integer::intValue).toArray();
        }

        static Request random(SplittableRandom random, int[] common) {
            int[] own = random.ints(1 + random.nextInt(20), 3, 512).toArray();
            int shared = random.nextInt(3) == 0 ? 0 : random.nextInt(common.length);
            int[] prompt = Arrays.copyOf(Arrays.copyOf(common, shared), shared + own.length);
            System.arraycopy(own, 0, prompt, shared, own.length);
            double temperature = random.nextBoolean() ? 0 : 1.3;
            Sampling sampling =
                    new Sampling(1 + random.nextInt(40), temperature, 0.95, random.nextInt(1000), List.of());
            return new Request(Arrays.stream(prompt).boxed().toList(), sampling, random.nextInt(6) == 0);
        }
    }

    @ParameterizedTest
    @CsvSource({"llama3,false", "llama3,true", "gpt_oss,false", "deepseek_v3,true", "gemma3,false"})
    void aTextDoesNotDependOnWhatStandsBesideIt(String name, boolean quantized) {
        try (ComputeBackend backend = ComputeBackends.named("vector")) {
            Path model = ReferenceModel.write(name, directory).directory();
            if (quantized) {
                model = new OpenModel(backend, model)
                        .quantized(directory.resolve("quantized"))
                        .directory();
            }
            SplittableRandom random = new SplittableRandom(5);
            int[] common = random.ints(40, 3, 512).toArray();
            List<Request> requests = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                requests.add(Request.random(random, common));
            }
            List<int[]> alone = alone(backend, model, requests);
            try (ServedTexts crowded = ServedTexts.of(backend, model, ServedTexts.settings(40))) {
                assertSame("at once", requests, alone, submitAll(crowded, requests));
                assertSame("again", requests, alone, submitAll(crowded, requests));
                EngineStatus status = crowded.idleStatus();
                assertThat(status.preemptions()).isPositive();
                assertThat(status.cachedTokens()).isPositive();
                assertThat(status.usedPages()).isZero();
            }
        }
    }

    /** Each by itself, in a cache that no other text was in. */
    private static List<int[]> alone(ComputeBackend backend, Path model, List<Request> requests) {
        List<int[]> texts = new ArrayList<>();
        EngineSettings one = new EngineSettings(1, 128, 1, 32, 4, 128);
        for (Request request : requests) {
            try (ServedTexts served = ServedTexts.of(backend, model, one)) {
                texts.add(served.submit(request.prompt(), request.sampling).tokens());
            }
        }
        return texts;
    }

    private static List<Text> submitAll(ServedTexts served, List<Request> requests) {
        return requests.stream()
                .map(request -> request.cancelled
                        ? served.submitAndCancel(request.prompt(), request.sampling, 3)
                        : served.submit(request.prompt(), request.sampling))
                .toList();
    }

    private static void assertSame(String when, List<Request> requests, List<int[]> alone, List<Text> texts) {
        for (int i = 0; i < texts.size(); i++) {
            int[] tokens = texts.get(i).tokens();
            int[] expected = requests.get(i).cancelled ? Arrays.copyOf(alone.get(i), tokens.length) : alone.get(i);
            assertThat(tokens).as("request " + i + ", " + when).isEqualTo(expected);
        }
    }
}
