package dev.quipforge.engine.compute;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.rounding.Parts;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every backend's {@link DenseOps} must do. */
public abstract class DenseOpsContract extends ComputeBackendContract {

    private static final double EXACT = 1e-13;
    private static final double SUMMED = 1e-11;
    private static final double ROUNDED = 1e-5;

    @ParameterizedTest
    @CsvSource({"1,1,1", "1,7,600", "3,64,5", "129,31,17", "130,33,515", "2,257,100", "1,384,1152"})
    void productsAgreeWithTheDefinition(int m, int k, int n) {
        Twins a = gaussian(1, m, k);
        Twins b = gaussian(2, k, n);
        Twins c = gaussian(3, m, n);
        String what = "seeds 1 2 3, " + m + " x " + k + " x " + n;

        backend().dense().multiply(a.actual(), b.actual(), c.actual());
        definition().dense().multiply(a.expected(), b.expected(), c.expected());
        assertClose(what, c, SUMMED);

        backend().dense().multiplyAdd(-0.75f, a.actual(), b.actual(), c.actual());
        definition().dense().multiplyAdd(-0.75f, a.expected(), b.expected(), c.expected());
        assertClose(what, c, SUMMED);

        Twins transposed = gaussian(4, n, k);
        backend().dense().multiplyTransposed(a.actual(), transposed.actual(), c.actual());
        definition().dense().multiplyTransposed(a.expected(), transposed.expected(), c.expected());
        assertClose(what, c, SUMMED);
    }

    /** Parts of one matrix lie at equal distances. */
    @ParameterizedTest
    @CsvSource({"1,16,24,8", "5,16,24,8", "7,33,5,17", "3,1,130,1", "4,9,1,3", "6,12,0,4", "130,4,3,2"})
    void productsOfManyMatricesAreThoseOfEach(int count, int m, int k, int n) {
        Twins a = gaussian(30, count * m, k + 3).columns(2, k + 2);
        Twins b = gaussian(31, count * k, n + 1).columns(0, n);
        Twins c = gaussian(32, count * m, n + 2);
        Twins inside = c.columns(1, n + 1);
        DenseOps actual = backend().dense();
        actual.multiply(Parts.of(a.actual(), count), Parts.of(b.actual(), count), Parts.of(inside.actual(), count));
        actual.multiplyAdd(
                -0.75f, Parts.of(a.actual(), count), Parts.of(b.actual(), count), Parts.of(inside.actual(), count));
        for (int i = 0; i < count; i++) {
            Matrix left = Parts.of(a.expected(), count).get(i);
            Matrix right = Parts.of(b.expected(), count).get(i);
            Matrix target = Parts.of(inside.expected(), count).get(i);
            definition().dense().multiply(left, right, target);
            definition().dense().multiplyAdd(-0.75f, left, right, target);
        }
        assertClose("seeds 30 31 32", c, SUMMED);
    }

    /** One right factor for all, and products that are columns of one matrix, of different widths in the end. */
    @Test
    void productsOfManyMatricesReadAndWriteThroughAnyViews() {
        Twins a = gaussian(33, 60, 10);
        Twins b = gaussian(34, 10, 12);
        Twins c = gaussian(35, 20, 40);
        Twins d = gaussian(36, 20, 40);
        for (boolean even : new boolean[] {true, false}) {
            backend().dense().multiply(lefts(a.actual()), rights(b.actual(), even), targets(c.actual(), even));
            definition().dense().multiply(lefts(a.expected()), rights(b.expected(), even), targets(c.expected(), even));
            backend().dense().multiplyAdd(2, lefts(a.actual()), rights(b.actual(), even), targets(d.actual(), even));
            definition()
                    .dense()
                    .multiplyAdd(2, lefts(a.expected()), rights(b.expected(), even), targets(d.expected(), even));
        }
        assertClose("seeds 33 34 35", c, SUMMED);
        assertClose("seeds 33 34 36", d, SUMMED);
    }

    private static List<Matrix> lefts(Matrix a) {
        return List.of(a.rows(0, 20), a.rows(20, 40), a.rows(40, 60));
    }

    private static List<Matrix> rights(Matrix b, boolean even) {
        return List.of(b, b, even ? b : b.columns(3, 8));
    }

    private static List<Matrix> targets(Matrix c, boolean even) {
        return List.of(c.columns(0, 12), c.columns(13, 25), even ? c.columns(26, 38) : c.columns(30, 35));
    }

    @Test
    void asManyOfEachAreAskedFor() {
        Matrix matrix = gaussian(37, 2, 2).actual();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> backend().dense().multiply(List.of(matrix, matrix), List.of(matrix), List.of()))
                .withMessage("b: 1 (expected: 2)");
    }

    @Test
    void productsReadAndWriteThroughViews() {
        Twins a = gaussian(5, 40, 50);
        Twins b = gaussian(6, 50, 60);
        Twins c = gaussian(7, 40, 60);
        backend()
                .dense()
                .multiplyAdd(
                        2,
                        a.actual().rows(3, 20).columns(5, 45),
                        b.actual().rows(5, 45).columns(1, 30),
                        c.actual().rows(10, 27).columns(30, 59));
        definition()
                .dense()
                .multiplyAdd(
                        2,
                        a.expected().rows(3, 20).columns(5, 45),
                        b.expected().rows(5, 45).columns(1, 30),
                        c.expected().rows(10, 27).columns(30, 59));
        assertClose("seeds 5 6 7", c, SUMMED);
    }

    @ParameterizedTest
    @CsvSource({"1,1", "5,3", "64,100", "33,385", "700,193"})
    void theGramMatrixIsAddedToBothTriangles(int tokens, int width) {
        Twins x = gaussian(8, tokens, width);
        Twins gram = twins(HostMatrix.allocate(arena(), width, width));
        for (int round = 0; round < 2; round++) {
            backend().dense().addGram(x.actual(), gram.actual());
            definition().dense().addGram(x.expected(), gram.expected());
        }
        assertClose("seed 8, " + tokens + " x " + width, gram, SUMMED);
        HostMatrix host = download(gram.actual());
        for (int i = 0; i < width; i++) {
            for (int j = 0; j < i; j++) {
                assertThat(host.get(i, j)).isEqualTo(host.get(j, i));
            }
        }
    }

    /** Backends may round to bf16 here. */
    @ParameterizedTest
    @CsvSource({"1,8,8", "3,64,5", "64,40,24", "200,384,1152", "130,33,65", "515,96,104"})
    void layersAgreeWithTheDefinitionAsFarAsBf16Does(int tokens, int inputs, int outputs) {
        Twins input = gaussian(20, tokens, inputs + 2).columns(1, inputs + 1);
        Twins first = gaussian(21, outputs, inputs);
        Twins second = gaussian(22, 16, inputs);
        Twins one = gaussian(23, tokens, outputs);
        Twins two = gaussian(24, tokens, 16);
        backend()
                .dense()
                .project(input.actual(), List.of(first.actual(), second.actual()), List.of(one.actual(), two.actual()));
        definition()
                .dense()
                .project(
                        input.expected(),
                        List.of(first.expected(), second.expected()),
                        List.of(one.expected(), two.expected()));
        assertClose("seeds 20 21", one, ROUNDED);
        assertClose("seeds 20 22", two, ROUNDED);
    }

    @ParameterizedTest
    @CsvSource({"3,8", "200,136", "515,1096"})
    void theGramMatrixOfActivationsIsThatOfTheDefinitionAsFarAsBf16Is(int tokens, int width) {
        Twins x = gaussian(25, tokens, width);
        Twins gram = gaussian(26, width, width);
        Twins symmetric = gaussian(27, width, width);
        backend().dense().multiplyTransposed(gram.actual(), gram.actual(), symmetric.actual());
        definition().dense().multiplyTransposed(gram.expected(), gram.expected(), symmetric.expected());
        backend().dense().addActivationGram(x.actual(), symmetric.actual());
        definition().dense().addActivationGram(x.expected(), symmetric.expected());
        assertClose("seeds 25 26", symmetric, ROUNDED);
    }

    @ParameterizedTest
    @CsvSource({"1,1", "3,7", "16,16", "31,33", "100,257", "1,40000", "700,64"})
    void elementwiseOperationsAgreeWithTheDefinition(int rows, int columns) {
        Twins a = gaussian(9, rows, columns + 3).columns(2, columns + 2);
        Twins b = gaussian(10, rows, columns);
        Twins rowFactors = gaussian(11, 1, rows);
        Twins columnFactors = gaussian(12, 1, columns);
        apply(backend().dense(), a.actual(), b.actual(), rowFactors.actual(), columnFactors.actual());
        apply(definition().dense(), a.expected(), b.expected(), rowFactors.expected(), columnFactors.expected());
        String what = "seeds 9 to 12, " + rows + " x " + columns;
        assertClose(what, a, EXACT);
        assertClose(what, b, EXACT);
    }

    private static void apply(DenseOps ops, Matrix a, Matrix b, Matrix rowFactors, Matrix columnFactors) {
        ops.add(0.3f, b, a);
        ops.scale(a, -1.7f);
        ops.scaleRows(a, rowFactors);
        ops.scaleColumns(a, columnFactors);
        ops.copy(a, b);
        ops.scale(a, 0.5f);
    }

    @ParameterizedTest
    @CsvSource({"1,1", "3,7", "65,33", "257,300", "1,40000"})
    void transposingTwiceGivesTheMatrixBack(int rows, int columns) {
        Twins a = gaussian(13, rows, columns);
        Twins transposed = gaussian(14, columns, rows);
        backend().dense().transpose(a.actual(), transposed.actual());
        definition().dense().transpose(a.expected(), transposed.expected());
        assertClose("seed 13", transposed, 0);
        Twins back = gaussian(15, rows, columns);
        backend().dense().transpose(transposed.actual(), back.actual());
        assertClose("seed 13", new Twins(back.actual(), a.expected()), 0);
    }

    @ParameterizedTest
    @CsvSource({"1,1", "3,7", "40,100", "2,3000"})
    void columnsAreGatheredAndMeasured(int rows, int columns) {
        Twins a = gaussian(20, rows, columns);
        int[] indices = new SplittableRandom(21).ints(columns + 2, 0, columns).toArray();
        IntMatrix[] chosen = twins(1, columns + 2, indices);
        Twins gathered = gaussian(22, rows, columns + 2);
        backend().dense().gatherColumns(a.actual(), chosen[0], gathered.actual());
        definition().dense().gatherColumns(a.expected(), chosen[1], gathered.expected());
        assertClose("seeds 20 21", gathered, 0);
        Twins energies = gaussian(23, 1, columns);
        backend().dense().columnEnergies(a.actual(), energies.actual());
        definition().dense().columnEnergies(a.expected(), energies.expected());
        assertClose("seed 20", energies, EXACT);
        assertThat(backend().dense().maxMagnitude(a.actual()))
                .isEqualTo(definition().dense().maxMagnitude(a.expected()));
        Twins square = gaussian(24, rows, rows);
        Twins diagonal = gaussian(25, 1, rows);
        backend().dense().diagonal(square.actual(), diagonal.actual());
        definition().dense().diagonal(square.expected(), diagonal.expected());
        assertClose("seed 24", diagonal, 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 16, 31, 100, 257})
    void reductionsAgreeWithTheDefinition(int size) {
        Twins a = gaussian(16, size, size);
        Twins b = gaussian(17, size, size);
        backend().dense().addToDiagonal(a.actual(), 0.25f);
        definition().dense().addToDiagonal(a.expected(), 0.25f);
        double inner = definition().dense().innerProduct(a.expected(), b.expected());
        assertThat(backend().dense().innerProduct(a.actual(), b.actual())).isCloseTo(inner, within(1e-9 * size * size));
        assertThat(backend().dense().meanDiagonal(a.actual()))
                .isCloseTo(definition().dense().meanDiagonal(a.expected()), within(1e-9));
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void oneElementThatIsNotFiniteIsFoundWhereverItIs(float bad) {
        for (int position : new int[] {0, 7, 8, 17, 30}) {
            HostMatrix host = HostMatrix.allocate(arena(), 3, 31);
            host.set(0, 3, Float.MAX_VALUE);
            Twins matrix = twins(host);
            assertThat(backend().dense().allFinite(matrix.actual())).isTrue();
            host.set(1, position, bad);
            assertThat(backend().dense().allFinite(twins(host).actual()))
                    .as("position %s", position)
                    .isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void elementsOfFilesAreConvertedExactly(FloatFormat format) {
        SplittableRandom random = new SplittableRandom(28);
        MemorySegment elements = arena().allocate(1 + 37L * 29 * format.bytes()).asSlice(1);
        for (long i = 0; i < 37 * 29; i++) {
            float value = (float) random.nextGaussian();
            switch (format) {
                case FP32 -> elements.set(JAVA_INT_UNALIGNED, i * 4, Float.floatToIntBits(value));
                case FP16 -> elements.set(JAVA_SHORT_UNALIGNED, i * 2, Float.floatToFloat16(value));
                case BF16 -> elements.set(JAVA_SHORT_UNALIGNED, i * 2, (short) (Float.floatToIntBits(value) >>> 16));
            }
        }
        Twins matrix = gaussian(29, 37, 33).columns(2, 31);
        backend().upload(format, elements, matrix.actual());
        definition().upload(format, elements, matrix.expected());
        assertClose("seed 28", matrix, 0);
        assertThat(download(matrix.actual()).get(36, 28)).isNotZero();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> backend().upload(format, elements.asSlice(1), matrix.actual()));
    }

    @Test
    void shapesThatDoNotFitAreNamedBoth() {
        Twins a = gaussian(18, 3, 4);
        Twins b = gaussian(19, 5, 6);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> backend().dense().multiply(a.actual(), b.actual(), b.actual()))
                .withMessage("b: 5 x 6 (expected: 4 x 6)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> backend().dense().add(1, a.actual(), b.actual()))
                .withMessage("target: 5 x 6 (expected: 3 x 4)");
    }

    @Test
    void valuesMakeARow() {
        try (Workspace workspace = backend().workspace()) {
            HostMatrix row = download(workspace.rowOf(1, -2, 0.5f));
            assertThat(row.rows()).isEqualTo(1);
            assertThat(row.columns()).isEqualTo(3);
            assertThat(row.get(0, 1)).isEqualTo(-2);
            assertThat(row.get(0, 2)).isEqualTo(0.5f);
            assertThat(workspace.rowOf().columns()).isZero();
        }
    }

    @Test
    void allocatedBytesAreCountedAndGivenBack() {
        long before = backend().allocatedBytes();
        try (Workspace workspace = backend().workspace()) {
            workspace.matrix(10, 100);
            assertThat(workspace.allocatedBytes()).isGreaterThanOrEqualTo(4000);
            assertThat(backend().allocatedBytes() - before).isEqualTo(workspace.allocatedBytes());
            assertThat(backend().peakBytes()).isGreaterThanOrEqualTo(backend().allocatedBytes());
        }
        assertThat(backend().allocatedBytes()).isEqualTo(before);
        long peak = backend().peakBytes();
        assertThat(peak).isGreaterThanOrEqualTo(before + 4000);
        backend().resetPeak();
        assertThat(backend().peakBytes()).isLessThan(peak);
    }
}
