package dev.quipforge.engine.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every backend's {@link TransformerOps} must do. */
public abstract class TransformerOpsContract extends ComputeBackendContract {

    private static final double ROUNDED = 1e-12;

    @ParameterizedTest
    @CsvSource({"1,1", "5,7", "300,384"})
    void rowsAreLookedUpInTheTable(int count, int width) {
        Twins table = gaussian(1, 19, width);
        Twins output = gaussian(2, count, width);
        IntMatrix[] tokens = twins(1, count, random(3, count, 19));
        backend().transformer().embed(table.actual(), tokens[0], output.actual());
        definition().transformer().embed(table.expected(), tokens[1], output.expected());
        assertClose("seeds 1 to 3", output, 0);
    }

    @Test
    void aTokenOutsideTheVocabularyIsNamed() {
        Twins table = gaussian(1, 19, 4);
        Twins output = gaussian(2, 2, 4);
        IntMatrix[] tokens = twins(1, 2, new int[] {18, 19});
        assertThatIllegalArgumentException()
                .isThrownBy(() -> backend().transformer().embed(table.actual(), tokens[0], output.actual()))
                .withMessage("token: 19 (expected: 0 to 18)");
    }

    @ParameterizedTest
    @CsvSource({"1,1", "3,7", "33,64", "200,385"})
    void rowsAreNormalized(int rows, int width) {
        Twins input = gaussian(4, rows, width);
        Twins weight = gaussian(5, 1, width);
        Twins output = gaussian(6, rows, width);
        backend().transformer().rmsNorm(input.actual(), weight.actual(), 1e-5f, output.actual());
        definition().transformer().rmsNorm(input.expected(), weight.expected(), 1e-5f, output.expected());
        assertClose("seeds 4 5, " + rows + " x " + width, output, ROUNDED);
    }

    @ParameterizedTest
    @CsvSource({"1,1,2,1,0", "12,2,6,4,0", "12,3,64,6,100", "1024,6,64,512,0", "3,2,64,1,511"})
    void headsAreRotatedByTheirPosition(int rows, int heads, int width, int window, int firstPosition) {
        Twins matrix = gaussian(7, rows, heads * width);
        HostMatrix frequencies = HostMatrix.allocate(arena(), 1, width / 2);
        for (int i = 0; i < width / 2; i++) {
            frequencies.set(0, i, (float) Math.pow(10000, -2.0 * i / width));
        }
        Twins inverse = twins(frequencies);
        RotaryGeometry whole = RotaryGeometry.whole(width);
        backend().transformer().rotate(matrix.actual(), whole, inverse.actual(), window, firstPosition);
        definition().transformer().rotate(matrix.expected(), whole, inverse.expected(), window, firstPosition);
        assertClose("seed 7, " + rows + " rows, window " + window, matrix, ROUNDED);
    }

    @Test
    void aQuarterTurnSwapsTheHalvesOfAHead() {
        Twins heads = twins(HostMatrix.of(arena(), 1, 4, 1, 2, 3, 4));
        Twins quarter = twins(HostMatrix.of(arena(), 1, 2, (float) (Math.PI / 2), (float) (Math.PI / 2)));
        backend().transformer().rotate(heads.actual(), RotaryGeometry.whole(4), quarter.actual(), 1, 1);
        HostMatrix turned = download(heads.actual());
        assertThat(new float[] {turned.get(0, 0), turned.get(0, 1), turned.get(0, 2), turned.get(0, 3)})
                .containsExactly(new float[] {-3, -4, 1, 2}, within(1e-6f));
    }

    @ParameterizedTest
    @CsvSource({"1,5,5,4,2,16", "3,17,17,6,3,8", "2,130,130,4,1,64", "2,1,70,6,2,64", "1,65,200,2,2,10"})
    void attentionAgreesWithTheDefinition(int windows, int queries, int keys, int heads, int keyValueHeads, int width) {
        AttentionGeometry geometry = AttentionGeometry.of(heads, keyValueHeads, width);
        Twins query = gaussian(8, windows * queries, heads * width);
        Twins key = gaussian(9, windows * keys, keyValueHeads * width);
        Twins value = gaussian(10, windows * keys, keyValueHeads * width);
        Twins output = gaussian(11, windows * queries, heads * width);
        backend()
                .transformer()
                .causalAttention(
                        geometry,
                        new AttentionInputs(query.actual(), key.actual(), value.actual()),
                        windows,
                        output.actual());
        definition()
                .transformer()
                .causalAttention(
                        geometry,
                        new AttentionInputs(query.expected(), key.expected(), value.expected()),
                        windows,
                        output.expected());
        assertClose("seeds 8 to 10, " + queries + " queries, " + keys + " keys", output, 1e-11);
    }

    @Test
    void theFirstTokenOfAWindowSeesOnlyItself() {
        AttentionGeometry geometry = AttentionGeometry.of(1, 1, 8);
        Twins query = gaussian(12, 6, 8);
        Twins value = gaussian(13, 6, 8);
        Twins output = gaussian(14, 6, 8);
        backend()
                .transformer()
                .causalAttention(
                        geometry,
                        new AttentionInputs(query.actual(), query.actual(), value.actual()),
                        2,
                        output.actual());
        assertClose(
                "window 0",
                new Twins(output.actual().rows(0, 1), value.expected().rows(0, 1)),
                ROUNDED);
        assertClose(
                "window 1",
                new Twins(output.actual().rows(3, 4), value.expected().rows(3, 4)),
                ROUNDED);
    }

    @Test
    void largeScoresDoNotOverflow() {
        AttentionGeometry geometry = new AttentionGeometry(1, 1, 8, 8, 1000, AttentionGeometry.UNLIMITED, 0);
        Twins query = gaussian(15, 20, 8);
        Twins value = gaussian(16, 20, 8);
        Twins output = gaussian(17, 20, 8);
        backend()
                .transformer()
                .causalAttention(
                        geometry,
                        new AttentionInputs(query.actual(), query.actual(), value.actual()),
                        1,
                        output.actual());
        definition()
                .transformer()
                .causalAttention(
                        geometry,
                        new AttentionInputs(query.expected(), query.expected(), value.expected()),
                        1,
                        output.expected());
        assertClose("seeds 15 16", output, 1e-6);
    }

    @ParameterizedTest
    @CsvSource({"1,1", "3,7", "65,33", "40,1024"})
    void gatesAreApplied(int rows, int columns) {
        Twins gate = gaussian(18, rows, columns);
        definition().dense().scale(gate.expected(), 20);
        backend().dense().scale(gate.actual(), 20);
        Twins up = gaussian(19, rows, columns);
        backend().transformer().gate(GatedActivation.SILU, gate.actual(), up.actual());
        definition().transformer().gate(GatedActivation.SILU, gate.expected(), up.expected());
        assertClose("seeds 18 19, " + rows + " x " + columns, gate, ROUNDED);
    }

    @Test
    void gatesOfAnySizeStayFinite() {
        Twins gate = twins(HostMatrix.of(arena(), 1, 5, -1e30f, -100, 0, 100, 1e30f));
        Twins up = twins(HostMatrix.of(arena(), 1, 5, 1, 1, 1, 1, 1));
        backend().transformer().gate(GatedActivation.SILU, gate.actual(), up.actual());
        HostMatrix result = download(gate.actual());
        assertThat(result.get(0, 1)).isCloseTo(0, within(1e-30f));
        assertThat(result.get(0, 2)).isZero();
        assertThat(result.get(0, 3)).isEqualTo(100);
        assertThat(result.get(0, 4)).isEqualTo(1e30f);
    }

    @ParameterizedTest
    @CsvSource({"1,1,1", "5,7,9", "100,384,300"})
    void rowsAreAddedWhereTheyBelong(int count, int width, int targets) {
        Twins source = gaussian(31, count, width + 3);
        Twins target = gaussian(32, targets, width + 5);
        Twins weights = gaussian(33, 1, count);
        int[] rows = new SplittableRandom(34)
                .ints(0, targets)
                .distinct()
                .limit(count)
                .toArray();
        IntMatrix[] at = twins(1, count, rows);
        backend()
                .transformer()
                .addRows(
                        source.actual().columns(1, width + 1),
                        at[0],
                        weights.actual(),
                        target.actual().columns(2, width + 2));
        definition()
                .transformer()
                .addRows(
                        source.expected().columns(1, width + 1),
                        at[1],
                        weights.expected(),
                        target.expected().columns(2, width + 2));
        assertClose("seeds 31 to 34, " + count + " rows", target, ROUNDED);
    }

    @Test
    void aRowThatTheTargetHasNotIsNamed() {
        Twins source = gaussian(35, 2, 4);
        Twins weights = gaussian(36, 1, 2);
        Twins target = gaussian(37, 3, 4);
        IntMatrix[] rows = twins(1, 2, new int[] {1, 3});
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        backend().transformer().addRows(source.actual(), rows[0], weights.actual(), target.actual()))
                .withMessage("row: 3 (expected: 0 to 2)");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 100, 513, 4096})
    void probabilitiesAndDivergencesAgreeWithTheDefinition(int vocabulary) {
        int rows = 9;
        Twins p = gaussian(20, rows, vocabulary);
        Twins q = gaussian(21, rows, vocabulary);
        definition().dense().scale(p.expected(), 5);
        backend().dense().scale(p.actual(), 5);
        IntMatrix[] targets = twins(1, rows, random(22, rows, vocabulary));
        assertThat(backend().transformer().logProbabilities(p.actual(), targets[0]))
                .containsExactly(definition().transformer().logProbabilities(p.expected(), targets[1]), within(1e-5));
        assertThat(backend().transformer().divergence(p.actual(), q.actual()))
                .containsExactly(definition().transformer().divergence(p.expected(), q.expected()), within(1e-5));
        assertThat(backend().transformer().divergence(p.actual(), p.actual())).containsOnly(0);
        assertThat(backend().transformer().argmaxRows(p.actual()))
                .containsExactly(definition().transformer().argmaxRows(p.expected()));
    }

    @Test
    void ofEqualElementsTheFirstIsTheLargest() {
        Twins matrix = twins(HostMatrix.of(arena(), 2, 3, 1, 5, 5, -2, -2, -3));
        assertThat(backend().transformer().argmaxRows(matrix.actual())).containsExactly(1, 0);
    }

    private static int[] random(long seed, int count, int bound) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] values = new int[count];
        Arrays.setAll(values, i -> random.nextInt(bound));
        return values;
    }
}
