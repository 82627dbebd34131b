package dev.quipforge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.FeedForwardSpec;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.testing.ReferenceModel;
import dev.quipforge.llm.testing.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** The reference model of every family through a job at 4 bits, all submitted at once to one platform. */
class FamilyJobsTest {

    private static final int WINDOW = 128;
    private static final int SAMPLES = 32;
    private static final int CHARACTERS = 12_000;

    @TempDir
    private static Path folder;

    private static Path data = Path.of("");
    private static Path heldOut = Path.of("");
    private static String url = "";
    private static final Map<String, String> JOBS = new HashMap<>();

    static Stream<String> names() {
        return ReferenceModel.NAMES.stream();
    }

    @BeforeAll
    static void submitAll() throws IOException {
        data = folder.resolve("data");
        Path calibration = Files.copy(TestModels.demo().resolve("calibration.txt"), folder.resolve("calibration.txt"));
        String text = Files.readString(TestModels.demo().resolve("heldout.txt"));
        heldOut = Files.writeString(folder.resolve("heldout.txt"), text.substring(0, CHARACTERS));
        url = Cli.json("up", "--data", data, "--port", 0, "--allow", folder)
                .path("url")
                .asString("");
        for (String name : ReferenceModel.NAMES) {
            Path model = ReferenceModel.write(name, folder).directory();
            List<Object> words = List.of(
                    "job",
                    "submit",
                    "--url",
                    url,
                    "--model",
                    model,
                    "--bits",
                    4,
                    "--calibration",
                    calibration,
                    "--samples",
                    SAMPLES,
                    "--context",
                    WINDOW,
                    "--evaluation",
                    heldOut,
                    "--window",
                    WINDOW);
            JOBS.put(name, Cli.json(words.toArray()).path("id").asString(""));
        }
    }

    @AfterAll
    static void stop() {
        Cli.run("down", "--data", data);
    }

    @ParameterizedTest
    @MethodSource("names")
    void aJobMakesAModelThatReadsBackAndLosesLittle(String name) {
        String job = String.valueOf(JOBS.get(name));
        Cli watched = Cli.run("job", "watch", job, "--url", url);
        assertThat(watched.code()).as(watched.err()).isZero();

        JsonNode report = Cli.json("job", "report", job, "--url", url);
        double original = report.path("perplexity").path("original").asDouble();
        double quantized = report.path("perplexity").path("quantized").asDouble();
        assertThat(quantized).isLessThanOrEqualTo(1.05 * original);
        Path downloaded = folder.resolve("downloaded-" + name);
        Cli.json("job", "download", job, "--out", downloaded, "--url", url);
        assertThat(perplexity(downloaded)).isEqualTo(quantized);
        try (ModelDirectory model = ModelDirectory.open(downloaded)) {
            assertThat(model.config().quantization()).isPresent();
            List<Integer> mixtures = model.config().architecture().blocks().stream()
                    .filter(block -> block.feedForward() instanceof FeedForwardSpec.Experts)
                    .map(BlockSpec::index)
                    .toList();
            assertThat(report.path("experts")
                            .valueStream()
                            .map(block -> block.path("block").asInt()))
                    .containsExactlyElementsOf(mixtures);
        }
        for (JsonNode block : report.path("experts")) {
            assertExperts(job, block);
        }
    }

    /** Every expert has tokens or the prior of all, and all experts together those that the router sent to several each. */
    private static void assertExperts(String job, JsonNode block) {
        int index = block.path("block").asInt();
        List<JsonNode> experts = Cli.json("job", "report", job, "--block", index, "--url", url)
                .path("experts")
                .valueStream()
                .toList();
        assertThat(experts).hasSize(block.path("experts").asInt()).hasSizeGreaterThan(1);
        long sent = experts.stream()
                .mapToLong(expert -> expert.path("tokens").asLong())
                .sum();
        assertThat(sent)
                .isGreaterThanOrEqualTo((long) SAMPLES * WINDOW)
                .isEqualTo(sent / SAMPLES / WINDOW * SAMPLES * WINDOW);
        assertThat(block.path("tokens").path("most").asLong())
                .isEqualTo(experts.stream()
                        .mapToLong(expert -> expert.path("tokens").asLong())
                        .max()
                        .orElseThrow());
        assertThat(experts)
                .allSatisfy(expert -> assertThat(expert.path("prior").asDouble() < 1)
                        .isEqualTo(expert.path("tokens").asLong() > 0));
        assertThat(block.path("unseen").size()).isEqualTo((int) experts.stream()
                .filter(expert -> expert.path("tokens").asLong() == 0)
                .count());
    }

    private static double perplexity(Path directory) {
        return Cli.json("perplexity", "--model", directory, "--text", heldOut, "--window", WINDOW)
                .path("perplexity")
                .asDouble();
    }
}
