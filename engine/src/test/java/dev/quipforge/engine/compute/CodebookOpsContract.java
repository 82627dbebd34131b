package dev.quipforge.engine.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.quipforge.engine.codebook.Codebook;
import dev.quipforge.engine.codebook.Codebooks;
import dev.quipforge.engine.compute.CodebookOps.Span;
import dev.quipforge.engine.packing.PackedCodes;
import dev.quipforge.engine.rounding.Parts;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What every backend's {@link CodebookOps} must do. */
public abstract class CodebookOpsContract extends ComputeBackendContract {

    static Iterable<Codebook> codebooks() {
        return Codebooks.all();
    }

    @ParameterizedTest
    @MethodSource("codebooks")
    void theNearestVectorsAreFound(Codebook codebook) {
        int width = 5 * codebook.dimension();
        Twins vectors = gaussian(1, 37, width + 3).columns(2, width + 2);
        Twins decoded = gaussian(2, 37, width);
        IntMatrix[] codes = twins(37, 5, new int[185]);
        backend().codebook().encode(codebook, vectors.actual(), codes[0], decoded.actual());
        definition().codebook().encode(codebook, vectors.expected(), codes[1], decoded.expected());
        assertThat(backend().download(codes[0])).isEqualTo(definition().download(codes[1]));
        assertClose("seed 1", decoded, 0);
        Twins again = gaussian(3, 37, width);
        backend().codebook().decode(codebook, codes[0], again.actual());
        assertClose("seed 1", new Twins(again.actual(), decoded.expected()), 0);
    }

    @ParameterizedTest
    @MethodSource("codebooks")
    void packedCodesAreDecoded(Codebook codebook) {
        int rows = 48;
        int columns = codebook.dimension() == 1 ? 37 : 24;
        int[] words = new SplittableRandom(9)
                .ints(PackedCodes.words(codebook, rows, columns))
                .toArray();
        int[] codes = PackedCodes.unpack(codebook, words, rows, columns);
        Twins decoded = gaussian(4, rows, columns * codebook.dimension());
        backend().codebook().decodePacked(codebook, words, decoded.actual());
        definition().codebook().decode(codebook, twins(rows, columns, codes)[1], decoded.expected());
        assertClose("seed 9", decoded, 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> backend().codebook().decodePacked(codebook, new int[3], decoded.actual()))
                .withMessageContaining("3 words for 48 x " + columns);
    }

    /** A sum in another order may round a weight that lies on a border the other way; from there on rows differ. */
    @ParameterizedTest
    @CsvSource({
        "uniform, 2, 1, 1",
        "uniform, 3, 40, 1",
        "uniform, 4, 128, 1",
        "lloyd-max, 2, 128, 3",
        "lloyd-max, 4, 33, 7",
        "uniform, 2, 1, 29"
    })
    void spansAreRoundedColumnAfterColumn(String name, int bits, int width, int parts) {
        Codebook codebook = Codebooks.of(name, bits);
        int rows = 203 / parts * parts;
        Twins weights = gaussian(5, rows, width + 2).columns(1, width + 1);
        Twins feedback = gaussian(6, rows, width);
        Twins rounded = gaussian(7, rows, width + 1).columns(0, width);
        Matrix before = twins(download(weights.actual())).actual();
        HostMatrix lowers = lowers(width, parts);
        IntMatrix[] codes = twins(rows, width, new int[rows * width]);
        Span span = new Span(
                Parts.of(twins(lowers).actual(), parts), feedback.actual(), weights.actual(), rounded.actual());
        HostMatrix expected = rounded(codebook, lowers, download(weights.actual()), download(feedback.actual()));
        if (!backend().codebook().roundSpan(codebook, span, codes[0])) {
            assertThat(normalizedError(download(weights.actual()), download(before)))
                    .isZero();
            return;
        }
        HostMatrix actual = download(rounded.actual());
        int same = 0;
        for (int i = 0; i < rows; i++) {
            int row = i;
            same += IntStream.range(0, width).allMatch(j -> actual.get(row, j) == expected.get(row, j)) ? 1 : 0;
        }
        assertThat(same).as("rows that are the same").isGreaterThan(rows - 5);
        backend().codebook().decode(codebook, codes[0], feedback.actual());
        assertThat(normalizedError(download(feedback.actual()), actual)).isZero();
        backend().dense().add(-1, rounded.actual(), before);
        assertThat(normalizedError(download(weights.actual()), download(before)))
                .isZero();
    }

    /** Zero on and above the diagonal of each. */
    private HostMatrix lowers(int width, int parts) {
        HostMatrix lowers = download(gaussian(8, parts * width, width).actual());
        for (int i = 0; i < parts * width; i++) {
            for (int j = 0; j < width; j++) {
                lowers.set(i, j, i % width > j ? lowers.get(i, j) / 8 : 0);
            }
        }
        return lowers;
    }

    private HostMatrix rounded(Codebook codebook, HostMatrix lowers, HostMatrix weights, HostMatrix feedback) {
        HostMatrix rounded = HostMatrix.allocate(arena(), weights.rows(), weights.columns());
        int width = weights.columns();
        int height = weights.rows() / (lowers.rows() / width);
        float[] value = new float[1];
        for (int i = 0; i < weights.rows(); i++) {
            int first = i / height * width;
            for (int j = weights.columns() - 1; j >= 0; j--) {
                double target = (double) weights.get(i, j) + feedback.get(i, j);
                for (int k = j + 1; k < weights.columns(); k++) {
                    target += (double) (weights.get(i, k) - rounded.get(i, k)) * lowers.get(first + k, j);
                }
                value[0] = (float) target;
                codebook.decode(codebook.encode(value, 0), value, 0);
                rounded.set(i, j, value[0]);
            }
        }
        return rounded;
    }

    @Test
    void shapesThatDoNotFitAreNamed() {
        Codebook codebook = Codebooks.of("e8p", 2);
        Twins vectors = gaussian(4, 3, 20);
        IntMatrix[] codes = twins(3, 2, new int[6]);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> backend().codebook().encode(codebook, vectors.actual(), codes[0], vectors.actual()))
                .withMessage("vectors: 3 x 20 (expected: 3 x 16)");
    }
}
