package dev.quipforge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** {@code quipforge benchmark …} at sizes that take no time. */
class BenchmarkCommandTest {

    @Test
    void codesPrintTheirErrors() {
        JsonNode document =
                Cli.json("benchmark", "codes", "--code", "3inst,e8p", "--bits", 2, "--state-bits", 9, "--samples", 512);

        assertThat(document.path("backend").asString("")).isEqualTo("vector");
        assertThat(names(document.path("results").get(0)))
                .containsExactly("code", "bits", "L", "mse", "bound", "scale", "samples");
        assertThat(document.path("results"))
                .extracting(row -> row.path("code").asString(""))
                .containsExactly("3inst", "e8p");
        assertThat(document.path("results").get(0).path("L").asInt(0)).isEqualTo(9);
        assertThat(document.path("results").get(1).path("L").isNull()).isTrue();
        assertThat(document.path("results"))
                .allSatisfy(row -> assertThat(row.path("mse").asDouble(0)).isBetween(0.0625, 0.12));
    }

    @Test
    void theEncoderPrintsItsSpeedAndTheYardsticks() {
        JsonNode document = Cli.json(
                "benchmark", "encode", "--code=3inst", "--bits=2", "--state-bits=9", "--seconds=0.01", "--device=cpu");

        assertThat(names(document.path("results").get(0)))
                .containsExactly("code", "bits", "L", "threads", "sequences", "weightsPerSecond");
        assertThat(names(document.path("yardstick"))).contains("c", "scalarJava");
        assertThat(document.path("yardstick").path("scalarJava").asDouble(0)).isPositive();
    }

    @Test
    void productsPrintTheirTimes() {
        JsonNode document =
                Cli.json("benchmark", "matvec", "--code=hyb,lloyd-max", "--bits=3", "--shape=64x48", "--seconds=0.01");

        assertThat(document.path("results"))
                .extracting(row ->
                        row.path("format").asString("") + " " + row.path("bits").asInt(0))
                .containsExactly("dense 32", "hyb 3", "lloyd-max 3");
        assertThat(names(document.path("results").get(0)))
                .containsExactly(
                        "format", "bits", "rows", "columns", "microseconds", "bytesPerSecond", "weightsPerSecond");
    }

    @Test
    void transformsAndRoundingPrintTheirTimes() {
        JsonNode transforms = Cli.json("benchmark", "hadamard", "--shape=16x48,8x8", "--seconds=0.01");
        assertThat(transforms.path("results"))
                .hasSize(4)
                .allSatisfy(
                        row -> assertThat(row.path("microseconds").asDouble(0)).isPositive());

        JsonNode steps = Cli.json("benchmark", "ldlq", "--shape=16x32", "--seconds=0.01");
        assertThat(steps.path("results"))
                .extracting(row -> row.path("step").asString(""))
                .containsExactly("gram", "activationGram", "cholesky", "blockUnitLower", "feedback", "rounding");
    }

    @Test
    void aModelPrintsItsBlocksAndWhatTheWholeWouldTake(@TempDir Path directory) {
        JsonNode document = Cli.json(
                "benchmark", "model", "--blocks=1", "--windows=2", "--sequence-length=16", "--directory=" + directory);

        assertThat(document.path("shape").asString("")).isEqualTo("demo");
        assertThat(document.path("results"))
                .extracting(row -> row.path("of").asString(""))
                .contains("block 0", "the made model", "whole model (6 blocks), extrapolated");
        assertThat(document.path("results"))
                .allSatisfy(row -> assertThat(row.path("seconds").asDouble(0)).isPositive());
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void withoutJsonItIsATable() {
        Cli run = Cli.run("benchmark", "codes", "--code=1mad", "--bits=1", "--state-bits=9", "--samples=256");

        assertThat(run.out().lines())
                .contains("tailBiting: seam")
                .anyMatch(line -> line.matches("code +bits +L +mse +bound +scale +samples"))
                .anyMatch(line -> line.matches("1mad +1 +9 +0\\.\\d+ +0\\.25 +1\\.\\d+ +256"));
        assertThat(run.err()).contains("codes: 1mad, 1 bits");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "codes --device tpu | tpu: there is none (expected one of: auto, [",
                "codes --code 4inst | code: 4inst (expected one of: [",
                "codes --samples 0 | samples: 0 (expected: at least 1)",
                "encode --seconds 0 | seconds: 0.0 (expected: more than 0)",
                "matvec --shape 16 | shape: 16 (expected: such as 4096x14336)",
                "model --shape llama-4 | shape: llama-4 (expected: one of [demo, llama-3-8b, llama-3-70b,",
                "ldlq --shape 16x40 | shape: 16x40 (expected: multiples of 16)",
                "encode --code 3inst --bits 9 | bits: 9 (expected: 1 to 8)"
            })
    void whatIsWrongIsOneLine(String words, String message) {
        List<String> arguments = List.of(("benchmark " + words).split(" "));
        Cli run = Cli.run(arguments.toArray());

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.error()).contains("error: ").contains(message);
    }

    @ParameterizedTest
    @CsvSource({
        "codes, the bound",
        "encode, yardsticks",
        "hadamard, copy",
        "ldlq, feedback",
        "matvec, dense",
        "block, training",
        "model, calibration"
    })
    void theHelpSaysWhatIsPrinted(String command, String word) {
        assertThat(Cli.run("benchmark", command, "--help").out())
                .contains("Prints", word, "--device", "--json")
                .containsPattern("Measures");
        assertThat(Cli.run("benchmark", "--help").out()).contains(command);
    }

    private static List<String> names(JsonNode object) {
        return List.copyOf(object.propertyNames());
    }
}
