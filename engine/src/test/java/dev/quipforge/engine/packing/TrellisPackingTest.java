package dev.quipforge.engine.packing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.trellis.Trellis;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrellisPackingTest {

    @Test
    void theExampleOfTheReferenceComesOut() {
        Trellis trellis = Trellis.of("3inst", 8, 2);
        short[] words = {(short) 0xb4e1, (short) 0xc72d};
        int[] states = new int[16];
        TrellisPacking.unpack(trellis, words, 0, states);
        assertThat(states)
                .containsExactly(
                        0xb4, 0xd3, 0x4e, 0x38, 0xe1, 0x87, 0x1c, 0x71, 0xc7, 0x1c, 0x72, 0xcb, 0x2d, 0xb6, 0xdb, 0x6d);
        short[] again = new short[2];
        TrellisPacking.pack(trellis, states, again, 0);
        assertThat(again).isEqualTo(words);
    }

    @ParameterizedTest
    @CsvSource({"16,1", "16,2", "16,3", "16,4", "12,3", "9,4", "18,2"})
    void whatIsPackedIsUnpacked(int stateBits, int bits) {
        Trellis trellis = Trellis.of("3inst", stateBits, bits);
        int rows = 48;
        int columns = 80;
        PackedTiles packed = new PackedTiles(trellis, rows, columns);
        assertThat(packed.wordsPerTile()).isEqualTo(16 * bits);
        assertThat(packed.tiles()).isEqualTo(15);
        int[][] expected = IntStream.range(0, 5)
                .mapToObj(column -> walks(trellis, 3, column))
                .toArray(int[][]::new);
        for (int column = 0; column < 5; column++) {
            packed.setColumn(column, expected[column]);
        }
        for (int column = 0; column < 5; column++) {
            assertThat(packed.column(column)).isEqualTo(expected[column]);
        }
        assertThat(packed.rows(16, 48).column(2)).isEqualTo(Arrays.copyOfRange(expected[2], 256, 768));
    }

    @Test
    void aTileIsDecodedRowByRow() {
        Trellis trellis = Trellis.of("3inst", 16, 2);
        PackedTiles packed = new PackedTiles(trellis, 32, 48);
        int[] states = walks(trellis, 2, 9);
        packed.setColumn(1, states);
        try (ComputeBackend backend = ComputeBackends.named("vector");
                Workspace workspace = backend.workspace()) {
            HostMatrix decoded = HostMatrix.require(workspace.matrix(32, 48));
            packed.decode(backend, decoded);
            for (int row = 0; row < 32; row++) {
                for (int column = 0; column < 16; column++) {
                    float value = trellis.table()[states[row / 16 * 256 + row % 16 * 16 + column]];
                    assertThat(decoded.get(row, 16 + column)).isEqualTo(value);
                }
            }
        }
    }

    @Test
    void shapesThatDoNotFitAreNamed() {
        Trellis trellis = Trellis.of("3inst", 16, 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PackedTiles(trellis, 24, 32))
                .withMessage("matrix: 24 x 32 (expected: multiples of 16)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PackedTiles(trellis, 16, 32, new short[63]))
                .withMessage("packed words: 63 (expected: 64 for 16 x 32 weights of 2 bits)");
    }

    /** Random circular walks of 256 steps, one after the other. */
    private static int[] walks(Trellis trellis, int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] states = new int[count * 256];
        for (int walk = 0; walk < count; walk++) {
            boolean[] stream = new boolean[256 * trellis.bits()];
            for (int i = 0; i < stream.length; i++) {
                stream[i] = random.nextBoolean();
            }
            for (int step = 0; step < 256; step++) {
                int state = 0;
                for (int bit = 0; bit < trellis.stateBits(); bit++) {
                    state = state << 1 | (stream[(step * trellis.bits() + bit) % stream.length] ? 1 : 0);
                }
                states[walk * 256 + step] = state;
            }
        }
        return states;
    }
}
