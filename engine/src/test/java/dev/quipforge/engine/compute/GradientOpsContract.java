package dev.quipforge.engine.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.trellis.Trellis;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every backend's {@link GradientOps} must do. */
public abstract class GradientOpsContract extends ComputeBackendContract {

    private static final double EXACT = 1e-12;
    private static final double SUMMED = 1e-11;

    /** Backends may round to bf16 what their forward form may. */
    private static final double ROUNDED = 1e-5;

    @ParameterizedTest
    @CsvSource({"1,8,8", "3,64,5", "64,40,24", "200,384,304", "130,33,65", "515,96,104"})
    void theInputGradientOfLayersIsTheSumOfAllOfThem(int tokens, int inputs, int outputs) {
        Twins first = gaussian(1, tokens, outputs);
        Twins second = gaussian(2, tokens, 18).columns(1, 17);
        Twins firstWeight = gaussian(3, outputs, inputs);
        Twins secondWeight = gaussian(4, 16, inputs);
        Twins whole = gaussian(5, tokens, inputs + 2);
        Twins gradient = whole.columns(1, inputs + 1);
        gradients()
                .project(
                        List.of(first.actual(), second.actual()),
                        List.of(firstWeight.actual(), secondWeight.actual()),
                        gradient.actual());
        expected()
                .project(
                        List.of(first.expected(), second.expected()),
                        List.of(firstWeight.expected(), secondWeight.expected()),
                        gradient.expected());
        assertClose("seeds 1 to 5", gradient, ROUNDED);
        assertClose("left of the result", whole.columns(0, 1), 0);
        assertClose("right of the result", whole.columns(inputs + 1, inputs + 2), 0);
    }

    @ParameterizedTest
    @CsvSource({"1,8,8", "3,64,5", "64,40,24", "200,384,304", "130,33,65", "515,96,104", "700,385,129", "1100,33,65"})
    void theWeightGradientIsAdded(int tokens, int inputs, int outputs) {
        Twins gradient = gaussian(6, tokens, outputs);
        Twins input = gaussian(7, tokens, inputs + 3).columns(2, inputs + 2);
        Twins weight = gaussian(8, outputs, inputs + 1);
        for (int round = 0; round < 2; round++) {
            gradients()
                    .addWeight(
                            gradient.actual(),
                            input.actual(),
                            weight.columns(0, inputs).actual());
            expected()
                    .addWeight(
                            gradient.expected(),
                            input.expected(),
                            weight.columns(0, inputs).expected());
        }
        assertClose("seeds 6 to 8", weight.columns(0, inputs), ROUNDED);
        assertClose("right of the result", weight.columns(inputs, inputs + 1), 0);
    }

    @ParameterizedTest
    @CsvSource({"1,1", "1,300", "5,7", "129,33", "3000,17", "700,385"})
    void columnsOfProductsAreAdded(int rows, int columns) {
        Twins a = gaussian(9, rows, columns);
        Twins b = gaussian(10, rows, columns + 1).columns(1, columns + 1);
        Twins sums = gaussian(11, 1, columns);
        for (int round = 0; round < 2; round++) {
            gradients().addColumnProducts(a.actual(), b.actual(), sums.actual());
            expected().addColumnProducts(a.expected(), b.expected(), sums.expected());
        }
        assertClose("seeds 9 to 11, " + rows + " x " + columns, sums, SUMMED);
    }

    @ParameterizedTest
    @CsvSource({"1,2", "3,7", "33,64", "700,385", "2,12288"})
    void theNormPassesGradientsBack(int rows, int width) {
        Twins input = gaussian(12, rows, width);
        Twins weight = gaussian(13, 1, width);
        Twins gradient = gaussian(14, rows, width);
        Twins result = gaussian(15, rows, width);
        Twins weightGradient = gaussian(16, 1, width);
        norm(input, weight, gradient, result, weightGradient);
        assertClose("seeds 12 to 14", result, SUMMED);
        assertClose("seeds 12 to 16", weightGradient, SUMMED);
        norm(input, weight, gradient, gradient, weightGradient);
        assertClose("in place", gradient, SUMMED);
        assertClose("added twice", weightGradient, SUMMED);
        assertSame(gradient.actual(), result.actual());
    }

    private void norm(Twins input, Twins weight, Twins gradient, Twins result, Twins weightGradient) {
        gradients()
                .rmsNorm(
                        input.actual(),
                        weight.actual(),
                        1e-5f,
                        gradient.actual(),
                        result.actual(),
                        weightGradient.actual());
        expected()
                .rmsNorm(
                        input.expected(),
                        weight.expected(),
                        1e-5f,
                        gradient.expected(),
                        result.expected(),
                        weightGradient.expected());
    }

    @ParameterizedTest
    @CsvSource({"1,1,2,1,0", "12,2,6,4,0", "12,3,64,6,100", "1024,6,64,512,0", "3,2,64,1,511"})
    void rotationsTurnBack(int rows, int heads, int width, int window, int firstPosition) {
        Twins gradient = gaussian(17, rows, heads * width);
        Twins before = gaussian(17, rows, heads * width);
        HostMatrix frequencies = HostMatrix.allocate(arena(), 1, width / 2);
        for (int i = 0; i < width / 2; i++) {
            frequencies.set(0, i, (float) Math.pow(10000, -2.0 * i / width));
        }
        Twins inverse = twins(frequencies);
        RotaryGeometry whole = RotaryGeometry.whole(width);
        gradients().rotate(gradient.actual(), whole, inverse.actual(), window, firstPosition);
        expected().rotate(gradient.expected(), whole, inverse.expected(), window, firstPosition);
        assertClose("seed 17, " + rows + " rows, window " + window, gradient, EXACT);
        backend().transformer().rotate(gradient.actual(), whole, inverse.actual(), window, firstPosition);
        assertClose("there and back", new Twins(gradient.actual(), before.expected()), EXACT);
    }

    @ParameterizedTest
    @CsvSource({"1,1,2,1,8", "1,5,4,2,16", "3,17,6,3,8", "2,130,4,1,64", "1,200,6,2,64", "1,65,2,2,10", "2,129,3,1,33"})
    void attentionPassesGradientsBack(int windows, int length, int heads, int keyValueHeads, int width) {
        AttentionGeometry geometry = AttentionGeometry.of(heads, keyValueHeads, width);
        Attention attention = new Attention(geometry, windows, length, 18);
        attention.run();
        String what = "seeds 18 to 25, " + windows + " x " + length;
        assertClose(what, attention.queryGradient, 1e-4);
        assertClose(what, attention.keyGradient, 1e-4);
        assertClose(what, attention.valueGradient, 1e-4);
    }

    /** Of short windows no backend rounds. */
    @Test
    void attentionOfShortWindowsPassesBackWhatTheDefinitionDoes() {
        Attention attention = new Attention(AttentionGeometry.of(6, 2, 16), 3, 17, 26);
        attention.run();
        assertClose("query", attention.queryGradient, SUMMED);
        assertClose("key", attention.keyGradient, SUMMED);
        assertClose("value", attention.valueGradient, SUMMED);
    }

    @Test
    void gradientsOfAttentionStayFiniteForLargeScores() {
        Attention attention =
                new Attention(new AttentionGeometry(1, 1, 8, 8, 1000, AttentionGeometry.UNLIMITED, 0), 1, 20, 34);
        attention.run();
        assertThat(backend().dense().allFinite(attention.queryGradient.actual()))
                .isTrue();
        assertThat(backend().dense().allFinite(attention.keyGradient.actual())).isTrue();
        assertClose("value", attention.valueGradient, 1e-6);
    }

    /** Inputs and results of one attention, all of them columns of wider matrices. */
    private final class Attention {

        private final AttentionGeometry geometry;
        private final int windows;
        private final Twins query;
        private final Twins key;
        private final Twins value;
        private final Twins output;
        private final Twins outputGradient;
        private final Twins queryGradient;
        private final Twins keyGradient;
        private final Twins valueGradient;

        Attention(AttentionGeometry geometry, int windows, int length, long seed) {
            this.geometry = geometry;
            this.windows = windows;
            int tokens = windows * length;
            int wide = geometry.heads() * geometry.headWidth();
            int narrow = geometry.keyValueHeads() * geometry.headWidth();
            this.query = gaussian(seed, tokens, wide);
            Twins both = gaussian(seed + 1, tokens, 2 * narrow);
            this.key = both.columns(0, narrow);
            this.value = both.columns(narrow, 2 * narrow);
            this.output = gaussian(seed + 2, tokens, wide);
            this.outputGradient = gaussian(seed + 3, tokens, wide);
            this.queryGradient = gaussian(seed + 4, tokens, wide);
            Twins bothGradients = gaussian(seed + 5, tokens, 2 * narrow);
            this.keyGradient = bothGradients.columns(0, narrow);
            this.valueGradient = bothGradients.columns(narrow, 2 * narrow);
        }

        void run() {
            run(backend(), Twins::actual);
            run(definition(), Twins::expected);
        }

        private void run(ComputeBackend on, Side side) {
            Matrix out = side.of(output);
            AttentionInputs inputs = new AttentionInputs(side.of(query), side.of(key), side.of(value));
            on.transformer().causalAttention(geometry, inputs, windows, out);
            AttentionInputs results =
                    new AttentionInputs(side.of(queryGradient), side.of(keyGradient), side.of(valueGradient));
            on.gradient().causalAttention(geometry, inputs, out, windows, side.of(outputGradient), results);
        }
    }

    private interface Side {
        Matrix of(Twins twins);
    }

    @ParameterizedTest
    @CsvSource({"1,1", "3,7", "65,33", "40,1024"})
    void gatesPassGradientsBack(int rows, int columns) {
        Twins gate = gaussian(40, rows, columns);
        definition().dense().scale(gate.expected(), 5);
        backend().dense().scale(gate.actual(), 5);
        Twins up = gaussian(41, rows, columns);
        Twins gradient = gaussian(42, rows, columns);
        Twins gateGradient = gaussian(43, rows, columns);
        Twins upGradient = gaussian(44, rows, columns);
        gate(gate, up, gradient, gateGradient, upGradient);
        assertClose("gate, seeds 40 to 42", gateGradient, EXACT);
        assertClose("up, seeds 40 to 42", upGradient, EXACT);
        Twins gateAgain = gaussian(43, rows, columns);
        gate(gate, up, gradient, gateAgain, gradient);
        assertSame(gateAgain.actual(), gateGradient.actual());
        assertSame(gradient.actual(), upGradient.actual());
    }

    @Test
    void gradientsOfGatesMayReplaceWhatTheyAreGradientsOf() {
        Twins gate = gaussian(45, 9, 37);
        Twins up = gaussian(46, 9, 37);
        Twins gradient = gaussian(47, 9, 37);
        Twins gateGradient = gaussian(48, 9, 37);
        Twins upGradient = gaussian(49, 9, 37);
        gate(gate, up, gradient, gateGradient, upGradient);
        gate(gate, up, gradient, gate, up);
        assertSame(gate.actual(), gateGradient.actual());
        assertSame(up.actual(), upGradient.actual());
    }

    private void gate(Twins gate, Twins up, Twins gradient, Twins gateGradient, Twins upGradient) {
        gradients()
                .gate(
                        GatedActivation.SILU,
                        gate.actual(),
                        up.actual(),
                        gradient.actual(),
                        gateGradient.actual(),
                        upGradient.actual());
        expected()
                .gate(
                        GatedActivation.SILU,
                        gate.expected(),
                        up.expected(),
                        gradient.expected(),
                        gateGradient.expected(),
                        upGradient.expected());
    }

    @Test
    void gradientsOfGatesOfAnySizeStayFinite() {
        Twins gate = twins(HostMatrix.of(arena(), 1, 5, -1e30f, -100, 0, 100, 1e30f));
        Twins ones = twins(HostMatrix.of(arena(), 1, 5, 1, 1, 1, 1, 1));
        Twins gateGradient = gaussian(50, 1, 5);
        Twins upGradient = gaussian(51, 1, 5);
        gate(gate, ones, ones, gateGradient, upGradient);
        assertClose("up", upGradient, EXACT);
        assertThat(row(gateGradient.actual())).containsExactly(new float[] {0, 0, 0.5f, 1, 1}, within(1e-6f));
    }

    @ParameterizedTest
    @CsvSource({"1,1", "5,7", "130,385"})
    void theSquaredErrorComesWithItsGradient(int rows, int columns) {
        Twins output = gaussian(52, rows, columns + 1).columns(1, columns + 1);
        Twins target = gaussian(53, rows, columns);
        Twins gradient = gaussian(54, rows, columns);
        double error = gradients().squaredError(output.actual(), target.actual(), 0.25f, gradient.actual());
        double expected = expected().squaredError(output.expected(), target.expected(), 0.25f, gradient.expected());
        assertThat(error).isCloseTo(expected, within(1e-6 * expected));
        assertClose("seeds 52 53", gradient, EXACT);
        gradients().squaredError(output.actual(), target.actual(), 0.25f, output.actual());
        assertSame(output.actual(), gradient.actual());
        assertThat(gradients().squaredError(target.actual(), target.actual(), 1, gradient.actual()))
                .isZero();
        assertThat(backend().dense().maxMagnitude(gradient.actual())).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 100, 513, 4096, 128_256})
    void theDivergenceComesWithItsGradient(int vocabulary) {
        int rows = vocabulary > 10_000 ? 3 : 19;
        Twins reference = gaussian(55, rows, vocabulary);
        Twins candidate = gaussian(56, rows, vocabulary + 1).columns(0, vocabulary);
        definition().dense().scale(reference.expected(), 5);
        backend().dense().scale(reference.actual(), 5);
        Twins gradient = gaussian(57, rows, vocabulary);
        double divergence = gradients().divergence(reference.actual(), candidate.actual(), 0.5f, gradient.actual());
        double expected = expected().divergence(reference.expected(), candidate.expected(), 0.5f, gradient.expected());
        assertThat(divergence).isCloseTo(expected, within(1e-5 * rows));
        assertClose("seeds 55 56, vocabulary " + vocabulary, gradient, SUMMED);
        gradients().divergence(reference.actual(), candidate.actual(), 0.5f, candidate.actual());
        assertSame(candidate.actual(), gradient.actual());
    }

    @Test
    void equalDistributionsNeitherDivergeNorPull() {
        Twins logits = gaussian(58, 20, 1000);
        Twins gradient = gaussian(59, 20, 1000);
        assertThat(gradients().divergence(logits.actual(), logits.actual(), 1, gradient.actual()))
                .isZero();
        assertThat(backend().dense().maxMagnitude(gradient.actual())).isZero();
    }

    @Test
    void certainLogitsGiveAFiniteDivergence() {
        Twins reference = twins(HostMatrix.of(arena(), 2, 3, 0, -2000, 300, 1, 2, 3));
        Twins candidate = twins(HostMatrix.of(arena(), 2, 3, 300, 0, -20, 1, 2, 3));
        Twins gradient = gaussian(60, 2, 3);
        assertThat(gradients().divergence(reference.actual(), candidate.actual(), 1, gradient.actual()))
                .isCloseTo(320, within(1e-3));
        assertThat(row(gradient.actual().rows(0, 1))).containsExactly(new float[] {1, 0, -1}, within(1e-6f));
    }

    @ParameterizedTest
    @CsvSource({"16,2,512,1", "16,3,512,1e30", "16,4,512,1e-30", "16,1,1,1", "13,2,64,1", "18,2,4096,1", "16,2,32768,1"
    })
    void gradientsAreAddedToTheEntriesThatWeightsWereTakenFrom(int stateBits, int bits, int rows, float size) {
        Trellis trellis = Trellis.of("hyb", stateBits, bits);
        IntMatrix[] words = randomTiles(80, trellis, 3 * 5);
        Twins gradient = gaussian(81, 48, 90).columns(4, 84);
        Twins whole = gaussian(82, rows, 5);
        Twins table = whole.columns(1, 3);
        for (Twins scaled : List.of(gradient, whole)) {
            backend().dense().scale(scaled.actual(), size);
            definition().dense().scale(scaled.expected(), size);
        }
        for (int round = 0; round < 2; round++) {
            gradients().addTable(trellis, words[0], gradient.actual(), table.actual());
            expected().addTable(trellis, words[1], gradient.expected(), table.expected());
        }
        assertClose("seeds 80 to 82", table, EXACT);
        assertClose("left of the table", whole.columns(0, 1), 0);
        assertClose("right of the table", whole.columns(3, 5), 0);
    }

    /** A large matrix that takes everything from one entry, beside the same twice: sums must neither overflow nor depend on chance. */
    @Test
    void manyGradientsOfOneEntryAreAddedTheSameWayEveryTime() {
        Trellis trellis = Trellis.of("hyb", 16, 2);
        Twins gradient = gaussian(83, 640, 1024);
        for (IntMatrix[] words :
                List.of(twins(40 * 64, 16, new int[40 * 64 * 16]), randomTiles(84, trellis, 40 * 64))) {
            Twins first = twins(HostMatrix.allocate(arena(), 512, 2));
            Twins second = twins(HostMatrix.allocate(arena(), 512, 2));
            gradients().addTable(trellis, words[0], gradient.actual(), first.actual());
            gradients().addTable(trellis, words[0], gradient.actual(), second.actual());
            expected().addTable(trellis, words[1], gradient.expected(), first.expected());
            assertClose("seeds 83 and 84", first, EXACT);
            assertSame(first.actual(), second.actual());
        }
    }

    @Test
    void aGradientThatIsNoNumberShowsInTheTable() {
        Trellis trellis = Trellis.of("hyb", 16, 2);
        IntMatrix words = randomTiles(85, trellis, 6)[0];
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            HostMatrix values = HostMatrix.allocate(arena(), 32, 48);
            values.set(17, 3, bad);
            Matrix table = twins(HostMatrix.allocate(arena(), 512, 2)).actual();
            gradients().addTable(trellis, words, twins(values).actual(), table);
            assertThat(backend().dense().allFinite(table)).isFalse();
        }
        Matrix zeros = twins(HostMatrix.allocate(arena(), 32, 48)).actual();
        Matrix table = gaussian(86, 512, 2).actual();
        gradients().addTable(trellis, words, zeros, table);
        assertSame(table, gaussian(86, 512, 2).actual());
    }

    @ParameterizedTest
    @CsvSource({"1,1", "1,385", "33,17", "300,700"})
    void adamTakesTheStepsOfTheDefinition(int rows, int columns) {
        Twins parameter = gaussian(61, rows, columns + 1).columns(0, columns);
        Twins mean = twins(HostMatrix.allocate(arena(), rows, columns));
        Twins square = twins(HostMatrix.allocate(arena(), rows, columns));
        for (int number = 1; number <= 5; number++) {
            Twins gradient = gaussian(61 + number, rows, columns);
            AdamStep step = new AdamStep(0.1f / number, 0.9f, 0.95f, 1e-8f, number);
            gradients().adam(step, parameter.actual(), gradient.actual(), mean.actual(), square.actual());
            expected().adam(step, parameter.expected(), gradient.expected(), mean.expected(), square.expected());
            assertThat(backend().dense().maxMagnitude(gradient.actual())).isZero();
        }
        assertClose("seeds 61 to 66", parameter, SUMMED);
        assertClose("means", mean, EXACT);
        assertClose("squares", square, EXACT);
    }

    @Test
    void theFirstStepOfAdamIsTheRateWhateverTheSlope() {
        Twins parameter = twins(HostMatrix.of(arena(), 1, 3, 1, 1, 1));
        Twins gradient = twins(HostMatrix.of(arena(), 1, 3, 1e-4f, -100, 0));
        Twins mean = twins(HostMatrix.allocate(arena(), 1, 3));
        Twins square = twins(HostMatrix.allocate(arena(), 1, 3));
        gradients()
                .adam(AdamStep.usual(0.25f, 1), parameter.actual(), gradient.actual(), mean.actual(), square.actual());
        assertThat(row(parameter.actual())).containsExactly(new float[] {0.75f, 1.25f, 1}, within(1e-4f));
    }

    @Test
    void shapesThatDoNotFitAreNamed() {
        Matrix a = gaussian(70, 3, 4).actual();
        Matrix b = gaussian(71, 4, 3).actual();
        Matrix row = gaussian(72, 1, 3).actual();
        AdamStep step = AdamStep.usual(1, 1);
        assertRefused(
                "output gradient 0: 4 x 3 (expected: 1 x 4)", () -> gradients().project(List.of(b), List.of(b), row));
        assertRefused(
                "layers: 1 output gradients, 0 weights (expected: as many, at least one)",
                () -> gradients().project(List.of(a), List.of(), a));
        assertRefused("input: 4 x 3 (expected: 3 x 3)", () -> gradients().addWeight(a, b, b));
        assertRefused(
                "weight gradient: 1 x 3 (expected: 4 x 4)", () -> gradients().addWeight(a, a, row));
        assertRefused("sums: 1 x 3 (expected: 1 x 4)", () -> gradients().addColumnProducts(a, a, row));
        assertRefused("weight: 1 x 3 (expected: 1 x 4)", () -> gradients().rmsNorm(a, row, 0, a, a, row));
        assertRefused(
                "input gradient: 3 x 4 (expected: 4 x 3)", () -> gradients().rmsNorm(b, row, 0, b, a, row));
        assertRefused(
                "up gradient: 4 x 3 (expected: 3 x 4)", () -> gradients().gate(GatedActivation.SILU, a, a, a, a, b));
        assertRefused("target: 4 x 3 (expected: 3 x 4)", () -> gradients().squaredError(a, b, 1, a));
        assertRefused("gradient: 4 x 3 (expected: 3 x 4)", () -> gradients().divergence(a, a, 1, b));
        assertRefused("square: 4 x 3 (expected: 3 x 4)", () -> gradients().adam(step, a, a, a, b));
        Trellis trellis = Trellis.of("hyb", 16, 2);
        assertRefused(
                "hyb table: 3 x 4 (expected: 2^Q x 2 with Q at most 15)",
                () -> gradients().addTable(trellis, randomTiles(76, trellis, 1)[0], b, a));
        assertRefused(
                "frequencies: 1 x 3 (expected: 1 x 1)",
                () -> gradients().rotate(a, RotaryGeometry.whole(2), row, 3, 0));
    }

    @Test
    void attentionWithACacheHasNoGradient() {
        AttentionGeometry geometry = AttentionGeometry.of(2, 1, 4);
        Matrix query = gaussian(73, 3, 8).actual();
        Matrix key = gaussian(74, 5, 4).actual();
        AttentionInputs results = new AttentionInputs(query, key, key);
        assertRefused(
                "key: 5 x 4 (expected: 3 x 4)",
                () -> gradients()
                        .causalAttention(geometry, new AttentionInputs(query, key, key), query, 1, query, results));
        Matrix same = gaussian(75, 3, 4).actual();
        assertRefused(
                "key gradient: 5 x 4 (expected: 3 x 4)",
                () -> gradients()
                        .causalAttention(geometry, new AttentionInputs(query, same, same), query, 1, query, results));
    }

    private static void assertRefused(String message, ThrowingCallable call) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessage(message);
    }

    private GradientOps gradients() {
        return backend().gradient();
    }

    private GradientOps expected() {
        return definition().gradient();
    }

    private float[] row(Matrix matrix) {
        HostMatrix host = download(matrix);
        float[] values = new float[host.columns()];
        for (int j = 0; j < values.length; j++) {
            values[j] = host.get(0, j);
        }
        return values;
    }

    /** Both of the backend under test, to the last bit. */
    private void assertSame(Matrix actual, Matrix expected) {
        assertThat(normalizedError(download(actual), download(expected))).isZero();
    }
}
