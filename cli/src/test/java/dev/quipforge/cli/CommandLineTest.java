package dev.quipforge.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.llm.testing.SpecialTokens;
import dev.quipforge.llm.testing.TestModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What commands say when nothing runs. */
class CommandLineTest {

    @TempDir
    private Path directory;

    @Test
    void statusIsThreeWhenNothingRuns() {
        Cli run = Cli.run("status", "--data", directory, "--json");
        assertThat(run.code()).isEqualTo(3);
        assertThat(run.document().path("state").asString("")).isEqualTo("down");
        assertThat(Cli.run("down", "--data", directory).code()).isZero();
    }

    @Test
    void aGatewayThatDoesNotAnswerIsOneLineAndOneDocument() {
        Cli run = Cli.run("job", "list", "--url", "http://localhost:1", "--json");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).hasLineCount(1).startsWith("error: http://localhost:1: no answer (");
        assertThat(run.document().path("error").path("message").asString("")).contains("'quipforge up' starts it");
    }

    @Test
    void aWrongCommandLineIsTwoAndOneLine() {
        assertUsage(Cli.run("quantise"), "Unmatched argument at index 0: 'quantise'");
        assertUsage(Cli.run("job"), "job: a command is missing");
        assertUsage(Cli.run("job", "show"), "Missing required parameter: 'JOB'");
        assertUsage(Cli.run("job", "submit", "--bits", "two"), "Invalid value for option '--bits'");
        assertUsage(Cli.run("job", "submit", "--bits", "2"), "--model: missing");
        assertUsage(Cli.run("job", "list", "--url", "localhost"), "--url: localhost (expected: such as http");
        assertUsage(Cli.run("demo", "--bits", "7"), "--bits: 7 (expected: 2, 3 or 4)");
        assertUsage(Cli.run("demo", "--calibration", "book.txt"), "--calibration: book.txt (expected: self-generated)");
        assertUsage(Cli.run("demo", "--samples", "0"), "--samples: 0 (expected: at least 1)");
        assertUsage(
                Cli.run("demo", "--tuning-preset", "fast"),
                "--tuning-preset: fast (expected: with --tuning blocks or blocks+end-to-end)");
        assertUsage(
                Cli.run("convert", "--to", "gguf", "--model", directory, "--out", directory.resolve("out")),
                "--to: gguf (expected: dense)");
        assertUsage(
                Cli.run("convert", "--to", "dense", "--type", "int8", "--model", directory, "--out", directory),
                "--type: int8 (expected: bf16, f16 or f32)");
        assertUsage(Cli.run(), "a command is missing");
    }

    @Test
    void aDemoThatCannotBeTunedIsRefusedBeforeAnythingStarts() {
        assertThat(Cli.run("demo", "--tuning", "everything").error())
                .isEqualTo("error: tuning: everything (expected: one of [none, blocks, blocks+end-to-end])");
        assertThat(Cli.run("demo", "--tuning", "blocks", "--tuning-preset", "slow")
                        .error())
                .isEqualTo("error: tuning preset: slow (expected: one of [standard, fast])");
    }

    @Test
    void aFolderThatIsNotThereIsNotServed() {
        assertThat(Cli.run("serve", "--model", "/not/there").error())
                .isEqualTo("error: --model: /not/there (expected: a Hugging Face directory)");
    }

    @Test
    void everyCommandHasHelp() {
        assertThat(Cli.run("--help").out())
                .contains("demo", "up", "down", "status", "job", "quantize", "convert", "perplexity", "serve");
        assertThat(Cli.run("job", "download", "--help").out()).contains("--out=DIR", "--json");
        assertThat(Cli.run("--version").out()).startsWith("quipforge ");
    }

    @Test
    void whatThereIsToComputeOnIsListedAndWhatIsMissingSaysWhy() {
        List<String> backends = new ArrayList<>();
        for (JsonNode entry : Cli.json("device")) {
            backends.add(entry.path("backend").asString(""));
            assertThat(entry.path("devices").isEmpty())
                    .as("%s", entry)
                    .isEqualTo(!entry.path("problem").isNull());
        }
        assertThat(backends).containsExactly("cuda", "vector", "scalar");
        assertThat(Cli.run("device").out()).contains("vector", "scalar");
    }

    @Test
    void aDeviceIsHeldAgainstItsDefinition() {
        JsonNode outcome = Cli.json("selftest", "--device", "scalar");
        assertThat(outcome.path("failed").asInt(-1)).isZero();
        assertThat(outcome.path("passed").asInt()).isGreaterThan(100);
        Cli missing = Cli.run("selftest", "--device", "cuda:99");
        assertThat(missing.code()).isEqualTo(1);
        assertThat(missing.error()).startsWith("error: backend cuda");
    }

    @Test
    void theDemoDoesNotOverwriteWhatIsNotItsOwn() throws IOException {
        Files.writeString(directory.resolve("thesis.txt"), "three years of work");
        Cli run = Cli.run("demo", "--out", directory);
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err())
                .isEqualTo(
                        "error: " + directory + ": exists and is not an earlier download (expected: another folder)\n");
    }

    @Test
    void perplexityIsThatOfTheProtocol() {
        TestModels.tiny(directory, 1);
        Path text = write(directory.resolve("text"), TestModels.text(330, 2));
        var measured = Cli.json("perplexity", "--model", directory, "--text", text, "--window", 32);
        assertThat(measured.path("windows").asInt()).isEqualTo(10);
        assertThat(measured.path("window").asInt()).isEqualTo(32);
        assertThat(measured.path("tokens").asInt()).isEqualTo(310);
        assertThat(measured.path("perplexity").asDouble()).isGreaterThan(1);
    }

    @Test
    void windowsBeginWithSpecialTokensUnlessTheBareTextIsAskedFor() {
        SpecialTokens.beginTexts(TestModels.tiny(directory, 1));
        Path text = write(directory.resolve("text"), TestModels.text(320, 2));
        var begun = Cli.json("perplexity", "--model", directory, "--text", text, "--window", 33);
        assertThat(begun.path("specialTokens").asInt()).isEqualTo(1);
        assertThat(begun.path("windows").asInt()).isEqualTo(10);
        assertThat(begun.path("tokens").asInt()).isEqualTo(320);
        assertThat(Cli.run("perplexity", "--model", directory, "--text", text, "--window", 33)
                        .out())
                .endsWith("(320 tokens in 10 windows of 33, special tokens before each: 1)\n");
        var bare = Cli.json("perplexity", "--model", directory, "--text", text, "--window", 32, "--no-special-tokens");
        assertThat(bare.path("specialTokens").asInt()).isZero();
        assertThat(bare.path("windows").asInt()).isEqualTo(10);
        assertThat(bare.path("tokens").asInt()).isEqualTo(310);
    }

    @Test
    void aModelIsTunedInThisProcess() {
        TestModels.tiny(directory.resolve("model"), 1);
        Path text = write(directory.resolve("text"), TestModels.text(330, 2));
        List<Object> options = List.of(
                "quantize",
                "--model",
                directory.resolve("model"),
                "--calibration",
                text,
                "--context",
                32,
                "--bits",
                2,
                "--method",
                "quip",
                "--tuning-preset",
                "fast");
        List<Object> tuned = new ArrayList<>(options);
        tuned.addAll(List.of("--tuning", "blocks+end-to-end", "--out", directory.resolve("out")));
        tuned.addAll(List.of("--tuning-set", "endToEnd.epochs=1", "--tuning-set", "patience=1"));
        JsonNode report = Cli.json(tuned.toArray());
        JsonNode tuning = report.path("tuning");
        assertThat(tuning.path("mode").asString("")).isEqualTo("blocks+end-to-end");
        assertThat(tuning.path("trainings").size()).isEqualTo(9);
        for (JsonNode training : tuning.path("trainings")) {
            assertThat(training.path("lossAfter").asDouble())
                    .isPositive()
                    .isLessThanOrEqualTo(training.path("lossBefore").asDouble());
            assertThat(training.path("curve")).hasSize(1);
        }
        assertThat(report.path("seconds").propertyNames()).contains("quantize", "tune", "assemble");
        List<Object> wrong = new ArrayList<>(options);
        wrong.addAll(List.of("--tuning", "everything", "--out", directory.resolve("none")));
        assertThat(Cli.run(wrong.toArray()).error())
                .isEqualTo("error: tuning: everything (expected: one of [none, blocks, blocks+end-to-end])");
        List<Object> idle = new ArrayList<>(options);
        idle.addAll(List.of("--tuning-set", "patience=1", "--out", directory.resolve("none")));
        assertThat(Cli.run(idle.toArray()).error())
                .isEqualTo("error: --tuning-set: {patience=1.0} (expected: with --tuning blocks or blocks+end-to-end)");
    }

    @Test
    void aQuantizedModelBecomesDenseAgain() {
        Path model = TestModels.tiny(directory.resolve("model"), 1);
        Path packed = directory.resolve("packed");
        Path dense = directory.resolve("dense");
        Path text = write(directory.resolve("text"), TestModels.text(330, 2));
        assertThat(convert(model, dense).error())
                .isEqualTo("error: model: dense already, nothing to convert (expected: quantized, 8-bit or MXFP4"
                        + " weights)");
        Cli.json("quantize", "--model", model, "--out", packed, "--calibration", text, "--context", 32, "--bits", 4);
        JsonNode report = Cli.json("convert", "--to", "dense", "--model", packed, "--out", dense, "--type", "f32");
        assertThat(report.path("output").asString("")).isEqualTo(dense.toString());
        assertThat(report.path("type").asString("")).isEqualTo("f32");
        assertThat(report.path("weightBytes").asLong()).isPositive();
        assertThat(perplexity(dense, text)).isCloseTo(perplexity(packed, text), within(1e-3));
        assertThat(convert(packed, directory.resolve("usual")).out())
                .startsWith(directory.resolve("usual") + ": bf16, ")
                .contains(" bytes of weights, ");
        assertThat(convert(packed, dense).error())
                .isEqualTo("error: " + dense + ": exists already (expected: absent or an empty directory)");
        assertThat(convert(directory.resolve("none"), directory.resolve("new")).error())
                .isEqualTo("error: " + directory.resolve("none") + ": not a directory");
    }

    @Test
    void someGroupsCanHaveBitsAndACodeOfTheirOwn() {
        Path model = TestModels.tiny(directory.resolve("model"), 1);
        Path text = write(directory.resolve("text"), TestModels.text(330, 2));
        List<Object> options = new ArrayList<>(List.of(
                "quantize", "--model", model, "--calibration", text, "--context", 32, "--bits", 2, "--override"));
        List<Object> mixed = new ArrayList<>(options);
        mixed.addAll(
                List.of("*/mlp-down=4", "--override", "1/attention-{in,out}=e8p:3", "--out", directory.resolve("out")));
        JsonNode report = Cli.json(mixed.toArray());
        assertThat(report.path("recipe").path("code").asString("")).isEqualTo("3inst");
        assertThat(report.path("recipe").path("overrides").toString())
                .isEqualTo("{\"*/mlp-down\":{\"code\":\"3inst\",\"bits\":4},"
                        + "\"1/attention-{in,out}\":{\"code\":\"e8p\",\"bits\":3}}");
        assertThat(report.path("bitsPerWeight").asDouble()).isBetween(2.5, 4.0);
        assertThat(perplexity(directory.resolve("out"), text)).isGreaterThan(1);
        assertThat(directory.resolve("out/config.json"))
                .content()
                .contains("\"0/mlp-down\"", "\"1/attention-out\"", "\"quip-sharp\"")
                .doesNotContain("quip_params");
        assertOverrideRefused(
                options, "*/mlp-up=4", "overrides.*/mlp-up: matches no group (expected: a path or a glob over");
        assertOverrideRefused(options, "*/mlp-down=four", "--override: */mlp-down=four (expected: GROUPS=BITS or");
        assertOverrideRefused(options, "*/mlp-down=pair:4", "bits: 4 (expected for code pair: one of [2])");
        assertOverrideRefused(options, "*/mlp-down=morse:4", "code: morse (expected: one of [3inst, ");
    }

    private void assertOverrideRefused(List<Object> options, String override, String message) {
        List<Object> words = new ArrayList<>(options);
        words.addAll(List.of(override, "--out", directory.resolve("none")));
        assertThat(Cli.run(words.toArray()).error()).startsWith("error: " + message);
    }

    private static Cli convert(Path model, Path output) {
        return Cli.run("convert", "--to", "dense", "--model", model, "--out", output);
    }

    private static double perplexity(Path model, Path text) {
        return Cli.json("perplexity", "--model", model, "--text", text, "--window", 32)
                .path("perplexity")
                .asDouble();
    }

    @Test
    void perplexityNamesWhatIsWrong() throws IOException {
        Path text = write(directory.resolve("text"), TestModels.text(20, 2));
        assertThat(Cli.run("perplexity", "--model", directory, "--text", text).error())
                .isEqualTo("error: config.json: not found in " + directory);
        TestModels.tiny(directory, 1);
        assertThat(Cli.run("perplexity", "--model", directory, "--text", text).error())
                .isEqualTo("error: " + text + ": 20 tokens (expected: at least one window of 512)");
        assertThat(Cli.run("perplexity", "--model", directory, "--text", directory.resolve("none"))
                        .error())
                .isEqualTo("error: --text: " + directory.resolve("none") + " is not there (expected: a UTF-8 text)");
        Files.write(text, new byte[] {(byte) 0xC3, 0x28});
        assertThat(Cli.run("perplexity", "--model", directory, "--text", text).error())
                .isEqualTo("error: --text: " + text + " is not UTF-8 (expected: a UTF-8 text)");
    }

    private static void assertUsage(Cli run, String message) {
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).hasLineCount(1).startsWith("error: " + message);
        assertThat(run.out()).isEmpty();
    }

    private static Path write(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
