package dev.quipforge.engine.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.quipforge.engine.packing.TileOrder;
import dev.quipforge.engine.packing.WordPairs;
import dev.quipforge.engine.trellis.Hybrid;
import dev.quipforge.engine.trellis.TailBiting;
import dev.quipforge.engine.trellis.Trellis;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every backend's {@link TrellisOps} must do. */
public abstract class TrellisOpsContract extends ComputeBackendContract {

    /** An encoder may cost that much more than exact arithmetic. */
    private static final double LOSS = 1.01;

    /** Of so few weights one sequence that closes with other bits is a larger part. */
    private static final double LOSS_OF_FEW = 1.03;

    @ParameterizedTest
    @CsvSource({"3inst,16,2", "1mad,16,3", "3inst,14,4", "3inst,9,1", "hyb,16,2", "pair,12,1"})
    void statesAreDecodedExactly(String code, int stateBits, int bits) {
        Trellis trellis = Trellis.of(code, stateBits, bits);
        int[] states =
                new SplittableRandom(1).ints(7L * 40, 0, trellis.states()).toArray();
        IntMatrix[] paths = twins(7, 40, states);
        Twins values = gaussian(2, 7, 40 * trellis.values());
        backend().trellis().decode(trellis, paths[0], values.actual());
        definition().trellis().decode(trellis, paths[1], values.expected());
        assertClose("seed 1", values, 0);
    }

    @ParameterizedTest
    @CsvSource({"3inst,16,2,256", "1mad,16,3,256", "3inst,14,4,100", "3inst,9,1,40", "hyb,16,2,128", "pair,12,1,33"})
    void statesArePackedToTheSameWords(String code, int stateBits, int bits, int steps) {
        Trellis trellis = Trellis.of(code, stateBits, bits);
        int[] states =
                new SplittableRandom(7).ints(5L * steps, 0, trellis.states()).toArray();
        IntMatrix[] paths = twins(5, steps, states);
        assertThat(backend().trellis().pack(trellis, paths[0]))
                .isEqualTo(definition().trellis().pack(trellis, paths[1]));
    }

    @ParameterizedTest
    @CsvSource({"3inst,16,2", "3inst,16,3", "mul1,16,4", "3inst,13,2", "hyb,16,2", "pair,16,2", "pair,12,1"})
    void packedTilesAreDecodedToTheSameValues(String code, int stateBits, int bits) {
        Trellis trellis = Trellis.of(code, stateBits, bits);
        SplittableRandom random = new SplittableRandom(8);
        short[] words = new short[3 * 5 * 16 * bits];
        for (int i = 0; i < words.length; i++) {
            words[i] = (short) random.nextInt();
        }
        int[] positions = new int[256];
        for (int i = 0; i < positions.length; i++) {
            positions[i] = i * 77 & 255;
        }
        Twins values = gaussian(9, 48, 90).columns(4, 84);
        backend().trellis().decodeTiles(trellis, positions, words, values.actual());
        definition().trellis().decodeTiles(trellis, positions, words, values.expected());
        assertClose("seed 8", values, 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> backend().trellis().decodeTiles(trellis, positions, new short[7], values.actual()));
    }

    @ParameterizedTest
    @CsvSource({"16,2,512", "16,3,512", "16,4,512", "16,1,1", "13,2,64", "18,2,4096", "16,2,32768"})
    void tilesOfHybTakeTheirValuesFromATableThatIsGiven(int stateBits, int bits, int rows) {
        Trellis trellis = Trellis.of("hyb", stateBits, bits);
        IntMatrix[] words = randomTiles(10, trellis, 3 * 5);
        Twins table = gaussian(11, rows, 5).columns(1, 3);
        Twins whole = gaussian(12, 48, 90);
        Twins values = whole.columns(4, 84);
        backend().trellis().decodeTiles(trellis, words[0], table.actual(), values.actual());
        definition().trellis().decodeTiles(trellis, words[1], table.expected(), values.expected());
        assertClose("seeds 10 and 11", whole, 0);
        Trellis same = new Trellis(Hybrid.of(pairs(download(table.actual()))), stateBits, bits);
        Twins again = gaussian(13, 48, 80);
        short[] plain = WordPairs.words(backend().download(words[0]));
        backend().trellis().decodeTiles(same, TileOrder.ROWS.positions(), plain, again.actual());
        assertThat(normalizedError(download(again.actual()), download(values.actual())))
                .isZero();
    }

    private static float[] pairs(HostMatrix table) {
        float[] pairs = new float[2 * table.rows()];
        for (int i = 0; i < pairs.length; i++) {
            pairs[i] = table.get(i / 2, i % 2);
        }
        return pairs;
    }

    @Test
    void tablesThatAreNoneOfHybAreRefused() {
        Trellis trellis = Trellis.of("hyb", 16, 2);
        IntMatrix words = randomTiles(14, trellis, 6)[0];
        Matrix table = gaussian(15, 512, 2).actual();
        Matrix values = gaussian(16, 32, 48).actual();
        TrellisOps operations = backend().trellis();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> operations.decodeTiles(Trellis.of("3inst", 16, 2), words, table, values))
                .withMessage("code: 3inst (expected: hyb)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> operations.decodeTiles(trellis, words, table.rows(0, 511), values))
                .withMessage("hyb table: 511 x 2 (expected: 2^Q x 2 with Q at most 15)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> operations.decodeTiles(trellis, words, table.columns(0, 1), values))
                .withMessage("hyb table: 512 x 1 (expected: 2^Q x 2 with Q at most 15)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> operations.decodeTiles(trellis, words, table, values.columns(0, 40)))
                .withMessage("weights: 32 x 40 (expected: multiples of 16)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> operations.decodeTiles(trellis, words, table, values.rows(0, 16)))
                .withMessage("packed words: 6 x 16 (expected: 3 x 16)");
    }

    @ParameterizedTest
    @CsvSource({
        "3inst,12,1,128,8",
        "3inst,12,2,256,12",
        "3inst,12,3,256,12",
        "3inst,14,4,128,8",
        "3inst,9,2,100,20",
        "3inst,8,4,64,20",
        "3inst,16,2,128,2",
        "1mad,12,2,128,12",
        "mul1,12,6,128,10",
        "mcg,13,8,64,10",
        "lut,8,2,128,20",
        "hyb,12,2,256,12",
        "hyb,14,3,128,12",
        "hyb,12,4,128,12",
        "hyb,16,2,128,3",
        "hyb,16,3,128,3",
        "hyb,16,4,128,3",
        "pair,16,3,64,5",
        "pair,16,4,62,5",
        "pair,16,5,64,3",
        "pair,12,1,256,12",
        "pair,12,2,256,12"
    })
    void encodingCostsHardlyMoreThanWithExactArithmetic(String code, int stateBits, int bits, int length, int count) {
        Trellis trellis = Trellis.of(code, stateBits, bits);
        for (TailBiting tailBiting : TailBiting.values()) {
            Twins sequences = gaussian(3, count, length);
            backend().dense().scale(sequences.actual(), (float) trellis.rms());
            definition().dense().scale(sequences.expected(), (float) trellis.rms());
            Twins decoded = gaussian(4, count, length);
            IntMatrix[] paths = twins(count, trellis.steps(length), new int[count * trellis.steps(length)]);
            backend().trellis().encode(trellis, tailBiting, sequences.actual(), paths[0], decoded.actual());
            definition().trellis().encode(trellis, tailBiting, sequences.expected(), paths[1], decoded.expected());
            assertCloses(trellis, backend().download(paths[0]), trellis.steps(length));
            double error = normalizedError(download(decoded.actual()), download(sequences.actual()));
            double exact =
                    normalizedError(HostMatrix.require(decoded.expected()), HostMatrix.require(sequences.expected()));
            double loss = count * length < 1000 ? LOSS_OF_FEW : LOSS;
            assertThat(error).as("%s, %s, seed 3", trellis, tailBiting).isBetween(exact / loss, exact * loss);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4})
    void weightsFarOutsideTheCodeAreEncodedAsWellAsItCan(int bits) {
        Trellis trellis = Trellis.of("3inst", 12, bits);
        HostMatrix host = HostMatrix.allocate(arena(), 4, 256);
        SplittableRandom random = new SplittableRandom(5);
        for (int j = 0; j < 256; j++) {
            host.set(0, j, 0);
            host.set(1, j, j % 2 == 0 ? 100 : -100);
            host.set(2, j, (float) (random.nextGaussian() * (j % 16 == 0 ? 8 : 1)));
            host.set(3, j, 1e30f);
        }
        Twins sequences = twins(host);
        Twins decoded = gaussian(6, 4, 256);
        IntMatrix[] paths = twins(4, 256, new int[1024]);
        backend().trellis().encode(trellis, TailBiting.SEAM, sequences.actual(), paths[0], decoded.actual());
        definition().trellis().encode(trellis, TailBiting.SEAM, sequences.expected(), paths[1], decoded.expected());
        assertCloses(trellis, backend().download(paths[0]), 256);
        for (int row = 0; row < 3; row++) {
            double error = distance(download(decoded.actual()), host, row);
            double exact = distance(HostMatrix.require(decoded.expected()), host, row);
            assertThat(error).as("row %s", row).isLessThanOrEqualTo(1.03 * exact);
        }
    }

    @Test
    void whatIsEncodedMayBeOverwritten() {
        Trellis trellis = Trellis.of("3inst", 12, 2);
        Twins sequences = gaussian(7, 5, 64);
        Twins decoded = gaussian(8, 5, 64);
        IntMatrix[] paths = twins(5, 64, new int[320]);
        backend().trellis().encode(trellis, TailBiting.EXACT, sequences.actual(), paths[0], decoded.actual());
        backend().trellis().encode(trellis, TailBiting.EXACT, sequences.actual(), paths[0], sequences.actual());
        assertThat(normalizedError(download(sequences.actual()), download(decoded.actual())))
                .isZero();
    }

    @Test
    void statesOfAnotherShapeAreRefused() {
        Trellis trellis = Trellis.of("3inst", 12, 2);
        Twins sequences = gaussian(9, 5, 64);
        IntMatrix[] paths = twins(5, 32, new int[160]);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> backend()
                        .trellis()
                        .encode(trellis, TailBiting.EXACT, sequences.actual(), paths[0], sequences.actual()))
                .withMessage("states: 5 x 32 (expected: 5 x 64)");
    }

    private static double distance(HostMatrix decoded, HostMatrix source, int row) {
        double sum = 0;
        for (int j = 0; j < source.columns(); j++) {
            double difference = (double) decoded.get(row, j) - source.get(row, j);
            sum += difference * difference;
        }
        return sum;
    }

    private static void assertCloses(Trellis trellis, int[] states, int steps) {
        for (int i = 0; i < states.length; i++) {
            int next = i % steps == steps - 1 ? i - steps + 1 : i + 1;
            assertThat(states[next] >>> trellis.stepBits())
                    .as("states %s and %s", i, next)
                    .isEqualTo(states[i] & (trellis.groups() - 1));
        }
    }
}
