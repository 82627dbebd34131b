package dev.quipforge.engine.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.quipforge.engine.codebook.Codebook;
import dev.quipforge.engine.codebook.Codebooks;
import dev.quipforge.engine.packing.PackedTiles;
import dev.quipforge.engine.trellis.Hybrid;
import dev.quipforge.engine.trellis.Trellis;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What every backend's {@link PackedOps} must do. Any bits are codes, so the matrices are drawn at random. */
public abstract class PackedOpsContract extends ComputeBackendContract {

    private static final double LIMIT = 1e-11;

    static Iterable<Codebook> codebooks() {
        return Codebooks.all();
    }

    @ParameterizedTest
    @CsvSource({
        "3inst,16,2,16,16",
        "3inst,16,1,48,80",
        "3inst,16,3,80,48",
        "3inst,16,4,16,400",
        "3inst,12,8,32,32",
        "mcg,16,2,32,64",
        "mcg,13,5,32,64",
        "1mad,16,2,32,272",
        "1mad,17,3,32,32",
        "1mad,18,2,32,32",
        "mul1,16,2,64,32",
        "mul1,16,7,16,48",
        "hyb,16,2,48,64",
        "hyb,16,4,32,48",
        "hyb,14,3,32,48",
        "lut,16,2,32,48",
        "lut,10,4,32,48",
        "pair,16,2,48,144",
        "pair,16,1,32,48",
        "pair,12,3,16,16"
    })
    void tilesAreMultipliedAsTheyAreDecoded(String code, int stateBits, int bits, int rows, int columns) {
        Trellis trellis = Trellis.of(code, stateBits, bits);
        short[] words = words(trellis, rows, columns);
        for (int count : new int[] {1, 3}) {
            Twins vectors = gaussian(2, count, columns);
            Twins products = gaussian(3, count, rows);
            try (PackedMatrix actual = backend().packed().load(trellis, rows, columns, words);
                    PackedMatrix expected = definition().packed().load(trellis, rows, columns, words)) {
                backend().packed().multiply(actual, vectors.actual(), products.actual());
                definition().packed().multiply(expected, vectors.expected(), products.expected());
                assertThat(actual.bytes()).isEqualTo((long) rows * columns * bits / 8);
            }
            assertClose("seed 1, " + count, products, LIMIT);
        }
    }

    @ParameterizedTest
    @CsvSource({"3inst,2", "3inst,3", "mcg,1", "mul1,2", "hyb,2", "lut,4"})
    void everyColumnIsWhatItIsDecodedTo(String code, int bits) {
        Trellis trellis = Trellis.of(code, 16, bits);
        int size = 128;
        short[] words = words(trellis, size, size);
        HostMatrix unit = HostMatrix.allocate(arena(), size, size);
        for (int i = 0; i < size; i++) {
            unit.set(i, i, 1);
        }
        Twins vectors = twins(unit);
        Twins products = gaussian(3, size, size);
        Twins decoded = gaussian(4, size, size);
        try (PackedMatrix matrix = backend().packed().load(trellis, size, size, words)) {
            backend().packed().multiply(matrix, vectors.actual(), products.actual());
        }
        new PackedTiles(trellis, size, size, words).decode(definition(), decoded.expected());
        definition().dense().transpose(decoded.expected(), products.expected());
        assertClose("seed 1", products, 0);
    }

    @ParameterizedTest
    @CsvSource({"16,2,512", "16,3,512", "16,4,512", "16,2,64", "14,2,512"})
    void everyMatrixOfHybMayHaveATableOfItsOwn(int stateBits, int bits, int rows) {
        Trellis one = new Trellis(Hybrid.of(halves(5, 2 * rows)), stateBits, bits);
        Trellis other = new Trellis(Hybrid.of(halves(6, 2 * rows)), stateBits, bits);
        short[] words = words(one, 48, 144);
        try (PackedMatrix first = backend().packed().load(one, 48, 144, words);
                PackedMatrix second = backend().packed().load(other, 48, 144, words)) {
            requireProducts(first, one, words);
            requireProducts(second, other, words);
            requireProducts(first, one, words);
        }
    }

    @Test
    void aMatrixThatIsClosedTwiceTakesNoMemoryOfOthers() {
        Trellis trellis = Trellis.of("hyb", 16, 2);
        short[] words = words(trellis, 48, 144);
        PackedMatrix closed = backend().packed().load(trellis, 48, 144, words);
        closed.close();
        try (PackedMatrix matrix = backend().packed().load(trellis, 48, 144, words)) {
            closed.close();
            try (PackedMatrix zeros = backend().packed().load(trellis, 48, 144, new short[words.length])) {
                assertThat(zeros.bytes()).isEqualTo(matrix.bytes());
                requireProducts(matrix, trellis, words);
            }
        }
    }

    private void requireProducts(PackedMatrix matrix, Trellis trellis, short[] words) {
        Twins vectors = gaussian(2, 3, matrix.columns());
        Twins products = gaussian(3, 3, matrix.rows());
        backend().packed().multiply(matrix, vectors.actual(), products.actual());
        try (PackedMatrix expected = definition().packed().load(trellis, matrix.rows(), matrix.columns(), words)) {
            definition().packed().multiply(expected, vectors.expected(), products.expected());
        }
        assertClose(trellis + ", seed 1", products, LIMIT);
    }

    /** Numbers that half precision holds, as the table of a checkpoint. */
    private static float[] halves(long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = Float.float16ToFloat(Float.floatToFloat16((float) random.nextGaussian()));
        }
        return values;
    }

    @ParameterizedTest
    @MethodSource("codebooks")
    void codesAreMultipliedAsTheyAreDecoded(Codebook codebook) {
        for (int groups : new int[] {1, 5, 67}) {
            int columns = groups * codebook.dimension();
            int rows = 37;
            int mask = (int) ((1L << (codebook.bits() * codebook.dimension())) - 1);
            int[] codes = new SplittableRandom(1)
                    .ints((long) rows * groups)
                    .map(draw -> draw & mask)
                    .toArray();
            Twins vectors = gaussian(2, 2, columns);
            Twins products = gaussian(3, 2, rows);
            try (PackedMatrix actual = backend().packed().load(codebook, rows, columns, codes);
                    PackedMatrix expected = definition().packed().load(codebook, rows, columns, codes)) {
                backend().packed().multiply(actual, vectors.actual(), products.actual());
                definition().packed().multiply(expected, vectors.expected(), products.expected());
            }
            assertClose(codebook + ", seed 1, " + columns, products, LIMIT);
        }
    }

    @Test
    void shapesThatDoNotFitAreNamed() {
        Trellis trellis = Trellis.of("3inst", 16, 2);
        Twins vectors = gaussian(2, 1, 30);
        PackedOps packed = backend().packed();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> packed.load(trellis, 16, 30, new short[60]))
                .withMessage("matrix: 16 x 30 (expected: multiples of 16)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> packed.load(trellis, 16, 32, new short[60]))
                .withMessageStartingWith("packed words: 60 (expected: 64 ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> packed.load(Codebooks.of("e8p", 2), 3, 16, new int[5]))
                .withMessage("codes: 5 (expected: one for every 8 of 3 x 16 weights)");
        try (PackedMatrix matrix = packed.load(trellis, 16, 32, new short[64])) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> packed.multiply(matrix, vectors.actual(), vectors.actual()))
                    .withMessage("vectors: 1 x 30 (expected: 1 x 32)");
        }
    }

    private static short[] words(Trellis trellis, int rows, int columns) {
        SplittableRandom random = new SplittableRandom(1);
        short[] words = new PackedTiles(trellis, rows, columns).words();
        for (int i = 0; i < words.length; i++) {
            words[i] = (short) random.nextInt();
        }
        return words;
    }
}
