package dev.quipforge.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.entry;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.trellis.Trellis;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Every benchmark at a size that takes no time: the shape of its report, and figures that can be. */
class BenchmarksTest {

    private static final ComputeBackend BACKEND = ComputeBackends.named("vector");

    private final Bench bench = new Bench(BACKEND, new Stopwatch(System::nanoTime, 0.01), _ -> {});

    @AfterAll
    static void close() {
        BACKEND.close();
    }

    @Test
    void codesAreWorseThanTheBoundAndBetterThanNothing() {
        Report report = CodesBenchmark.run(bench, new Codes(List.of("3inst", "pair"), List.of(1, 2), 10), 2000);

        assertThat(report.setting()).contains(entry("backend", "vector"), entry("tailBiting", "seam"));
        assertThat(report.results()).hasSize(4).allSatisfy(row -> {
            assertThat(row.keySet()).containsExactly("code", "bits", "L", "mse", "bound", "scale", "samples");
            assertThat(row).contains(entry("L", Optional.of(10)), entry("samples", 2048));
            assertThat(number(row, "mse")).isBetween(number(row, "bound"), 1.6 * number(row, "bound"));
        });
        assertThat(report.results())
                .extracting(row -> row.get("code") + " " + row.get("bits"))
                .containsExactly("3inst 1", "3inst 2", "pair 1", "pair 2");
    }

    @Test
    void gridsAndLatticesLoseWhatIsPublished() {
        Report report = CodesBenchmark.run(bench, new Codes(List.of("lloyd-max", "e8p"), List.of(2), 0), 25600);

        assertThat(report.results())
                .extracting(row -> row.get("code") + " " + row.get("L"))
                .containsExactly("lloyd-max Optional.empty", "e8p Optional.empty");
        // 0.1175 of Lloyd and Max, 0.089 of QuIP#
        assertThat(number(report.results().get(0), "mse")).isBetween(0.1172, 0.1178);
        assertThat(number(report.results().get(1), "mse")).isBetween(0.088, 0.093);
    }

    @Test
    void theSameCodeLosesTheSameAgain() {
        Codes codes = new Codes(List.of("1mad"), List.of(2), 9);

        assertThat(CodesBenchmark.run(bench, codes, 512).results())
                .isEqualTo(CodesBenchmark.run(bench, codes, 512).results());
    }

    @Test
    void encodersAreMeasuredBesideThePlainPrograms() throws IOException, InterruptedException {
        Report report = EncodeBenchmark.run(bench, new Codes(List.of("3inst"), List.of(2), 9));

        assertThat(report.results()).first().satisfies(row -> {
            assertThat(row)
                    .contains(
                            entry("code", "3inst"), entry("bits", 2), entry("L", Optional.of(9)), entry("threads", 1));
            assertThat(number(row, "weightsPerSecond")).isBetween(1e3, 1e9);
        });
        assertThat(report.document().keySet()).endsWith("results", "yardstick");
        Map<String, Object> yardstick = report.yardsticks();
        assertThat(number(yardstick, "scalarJava")).isBetween(10.0, 1e6);
        if (Optional.empty().equals(yardstick.get("c"))) {
            assertThat(yardstick).contains(entry("compiler", "no gcc on this machine"));
        } else {
            assertThat(number(yardstick, "c")).isBetween(10.0, 1e6);
            assertThat(yardstick).contains(entry("compiler", "gcc -O3 -march=native"));
        }
    }

    @Test
    void productsOfEveryFormatAreMeasuredBesideTheDenseOne() {
        Report report = MatvecBenchmark.run(
                bench, new Codes(List.of("3inst", "e8p"), List.of(2, 3), 0), List.of(new Shape(128, 256)));

        assertThat(report.results())
                .extracting(row -> row.get("format") + " " + row.get("bits"))
                .containsExactly("dense 32", "3inst 2", "3inst 3", "e8p 2", "e8p 3");
        assertThat(report.results()).allSatisfy(row -> {
            assertThat(row).contains(entry("rows", 128), entry("columns", 256));
            double bytes = number(row, "bytesPerSecond") * number(row, "microseconds") / 1e6;
            assertThat("%.4f".formatted(bytes / 4096)).isEqualTo(row.get("bits") + ".0000");
        });
    }

    @Test
    void transformsAreMeasuredOnBothSides() {
        Report report = HadamardBenchmark.run(bench, List.of(new Shape(24, 17)));

        assertThat(report.results())
                .extracting(row -> row.get("transformed") + " " + row.get("order") + " " + row.get("blocks"))
                .containsExactly("rows 17 17", "columns 24 1");
        assertThat(report.results()).allSatisfy(row -> {
            assertThat(number(row, "microseconds")).isPositive();
            assertThat(number(row, "copyMicroseconds")).isPositive();
            assertThat(number(row, "plainMicroseconds")).isPositive();
        });
    }

    @Test
    void everyStepOfTheRoundingIsMeasured() {
        Report report = LdlqBenchmark.run(bench, List.of(new Shape(32, 64)));

        assertThat(report.results())
                .extracting(row -> row.get("step"))
                .containsExactly("gram", "activationGram", "cholesky", "blockUnitLower", "feedback", "rounding");
        assertThat(report.results())
                .allSatisfy(
                        row -> assertThat(number(row, "productFlopsPerSecond")).isBetween(1e5, 1e15));
        assertThat(number(report.results().get(4), "plainMicroseconds")).isPositive();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LdlqBenchmark.run(bench, List.of(new Shape(16, 40))))
                .withMessage("shape: 16x40 (expected: multiples of 16)");
    }

    @Test
    void expertsAreMeasuredBesideOneMatrixOfAsManyWeights() {
        Trellis trellis = Trellis.of("3inst", 9, 2);
        ExpertsBenchmark.Measured measured = ExpertsBenchmark.measure(bench, 3, new Shape(16, 48), trellis);

        assertThat(measured.rows())
                .extracting(row -> row.get("step") + " " + row.get("matrices") + " " + row.get("rows"))
                .containsExactly("expertFactors 3 16", "experts 3 16", "oneMatrix 1 48");
        double experts = number(measured.rows().get(1), "weightsPerSecond");
        double one = number(measured.rows().get(2), "weightsPerSecond");
        assertThat(experts / one).isBetween(0.999 * measured.share(), 1.001 * measured.share());
    }

    @Test
    void aBlockIsMeasuredBesideProductsOfItsShapes() {
        Report report = BlockBenchmark.run(bench);

        assertThat(report.results()).extracting(row -> row.get("what")).containsExactly("forward", "training step");
        assertThat(report.results()).allSatisfy(row -> {
            double share = number(row, "flopsPerSecond") / number(row, "productFlopsPerSecond");
            assertThat(share).isBetween(0.99 * number(row, "shareOfProducts"), 1.01 * number(row, "shareOfProducts"));
            assertThat(share).isPositive();
        });
    }

    @Test
    void shapesAreRead() {
        assertThat(Shape.of("4096x14336")).isEqualTo(new Shape(4096, 14336)).hasToString("4096x14336");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Shape.of("4096"))
                .withMessage("shape: 4096 (expected: such as 4096x14336)");
        assertThatIllegalArgumentException().isThrownBy(() -> Shape.of("0x3"));
    }

    @Test
    void whatIsUnknownIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Codes(List.of("4inst"), List.of(), 0))
                .withMessageStartingWith("code: 4inst (expected one of: [3inst, ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CodesBenchmark.run(bench, new Codes(List.of(), List.of(), 0), 0))
                .withMessage("samples: 0 (expected: at least 1)");
    }

    private static double number(Map<String, Object> row, String name) {
        Object value = row.get(name) instanceof Optional<?> some ? some.orElseThrow() : row.get(name);
        assertThat(value).as(name).isInstanceOf(Double.class);
        return value instanceof Double number ? number : Double.NaN;
    }
}
