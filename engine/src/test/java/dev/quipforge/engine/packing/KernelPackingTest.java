package dev.quipforge.engine.packing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.trellis.Hybrid;
import dev.quipforge.engine.trellis.Trellis;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The conformance vectors of the QTIP reference: 64 × 64 weights of HYB with a made-up table. */
class KernelPackingTest {

    private static final int SIDE = 64;

    @ParameterizedTest
    @CsvSource({
        "2,d3871787,9910aac9,499a7157,01cb828d,1047.23046875,7ec6baaa43eec6d46b8160734d7861a5",
        "3,91c7efc7,02236005,9040e59d,8479288c,1006.947265625,817ec68503e0483baa0150bafb4b6b46",
        "4,cea22d92,62058217,c7c8c0bf,c62dfc97,971.548828125,6b817ec6d2511399161d39f6f9d9e9d5"
    })
    void everyFormOfTheTensorIsThatOfTheReference(
            int bits, String plain, String kernel, String states, String decoded, double sum, String start) {
        PackedTiles tiles = tiles(bits);
        assertThat(crc(tiles.words())).isEqualTo(plain);
        short[] packed = KernelPacking.pack(tiles);
        assertThat(crc(packed)).isEqualTo(kernel);
        assertThat(HexFormat.of().formatHex(bytes(Arrays.copyOf(packed, 8)))).isEqualTo(start);
        PackedTiles unpacked = KernelPacking.unpack(trellis(bits), SIDE, SIDE, packed);
        assertThat(unpacked.words()).isEqualTo(tiles.words());
        assertThat(crc(statesOf(unpacked))).isEqualTo(states);
        short[] values = decode(unpacked);
        assertThat(crc(values)).isEqualTo(decoded);
        double total = 0;
        for (short value : values) {
            total += Float.float16ToFloat(value);
        }
        assertThat(total).isCloseTo(sum, within(1e-9));
    }

    @Test
    void theFirstStatesAndWeightsAreThoseOfTheReference() {
        short[] states = statesOf(tiles(3));
        assertThat(Arrays.copyOf(states, 4))
                .containsExactly((short) 0xc67e, (short) 0x9fa0, (short) 0xe816, (short) 0x05ad);
        assertThat(Arrays.copyOfRange(states, 126, 128)).containsExactly((short) 0x3cdc, (short) 0x3719);
        assertThat(weights(decode(tiles(3)), 0, 4)).containsExactly(-0.6953125f, 0.15234375f, -0.19921875f, 0.5996094f);
        assertThat(weights(decode(tiles(2)), 8 * SIDE, 2)).containsExactly(-0.65625f, 0.171875f);
        assertThat(weights(decode(tiles(4)), 8 * SIDE, 2)).containsExactly(0.0703125f, 0.53515625f);
    }

    @Test
    void aSequenceRunsThroughTheRegistersOfTheThreads() {
        int[] first = {
            0, 1, 128, 129, 8, 9, 136, 137, 2, 3, 130, 131, 10, 11, 138, 139, 4, 5, 132, 133, 12, 13, 140, 141, 6, 7,
            134, 135, 14, 15, 142, 143
        };
        assertThat(Arrays.copyOf(TileOrder.FIRST_OPERAND.indices(), 32)).isEqualTo(first);
        assertThat(Arrays.copyOf(TileOrder.ROWS.indices(), 3)).containsExactly(0, 1, 2);
        for (TileOrder order : TileOrder.values()) {
            for (int position = 0; position < 256; position++) {
                assertThat(order.positions()[order.indices()[position]]).isEqualTo(position);
            }
        }
    }

    @Test
    void theStreamOfTwoWeightsAStepIsThatOfTheReference() {
        short[] words = {0x0123, 0x4567, (short) 0x89ab, (short) 0xcdef};
        int[] states = new int[16];
        TrellisPacking.unpack(trellis(2), words, 0, states);
        assertThat(states)
                .containsExactly(
                        0x0123, 0x1234, 0x2345, 0x3456, 0x4567, 0x5678, 0x6789, 0x789a, 0x89ab, 0x9abc, 0xabcd, 0xbcde,
                        0xcdef, 0xdef0, 0xef01, 0xf012);
    }

    @Test
    void whatTheKernelsDoNotReadIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KernelPacking.pack(new PackedTiles(trellis(2), 64, 64)))
                .withMessage("order of the tiles: ROWS (expected: FIRST_OPERAND)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KernelPacking.pack(new PackedTiles(trellis(2), 64, 48, TileOrder.FIRST_OPERAND)))
                .withMessage("matrix: 64 x 48 (expected: multiples of 32)");
    }

    /** The streams of the reference's generator, tile after tile. */
    private static PackedTiles tiles(int bits) {
        PackedTiles tiles = new PackedTiles(trellis(bits), SIDE, SIDE, TileOrder.FIRST_OPERAND);
        long x = 1;
        for (int i = 0; i < 2 * tiles.words().length; i++) {
            x = (1103515245 * x + 12345) % (1L << 31);
            tiles.words()[i / 2] |= (short) ((x >> 16 & 255) << (i % 2 == 0 ? 8 : 0));
        }
        return tiles;
    }

    private static Trellis trellis(int bits) {
        float[] pairs = new float[1024];
        for (int i = 0; i < 512; i++) {
            pairs[2 * i] = i / 256f - 1;
            pairs[2 * i + 1] = (512 - i) / 512f;
        }
        return new Trellis(Hybrid.of(pairs), 16, bits);
    }

    private static short[] statesOf(PackedTiles tiles) {
        short[] states = new short[tiles.tiles() * 128];
        for (int column = 0; column < 4; column++) {
            int[] down = tiles.column(column);
            for (int i = 0; i < down.length; i++) {
                states[(i / 128 * 4 + column) * 128 + i % 128] = (short) down[i];
            }
        }
        return states;
    }

    private static short[] decode(PackedTiles tiles) {
        try (ComputeBackend backend = ComputeBackends.named("vector");
                Workspace workspace = backend.workspace()) {
            HostMatrix decoded = HostMatrix.require(workspace.matrix(SIDE, SIDE));
            tiles.decode(backend, decoded);
            short[] halves = new short[SIDE * SIDE];
            for (int i = 0; i < halves.length; i++) {
                halves[i] = Float.floatToFloat16(decoded.get(i / SIDE, i % SIDE));
            }
            return halves;
        }
    }

    private static float[] weights(short[] halves, int from, int count) {
        float[] weights = new float[count];
        for (int i = 0; i < count; i++) {
            weights[i] = Float.float16ToFloat(halves[from + i]);
        }
        return weights;
    }

    private static String crc(short[] words) {
        CRC32 checksum = new CRC32();
        checksum.update(bytes(words));
        return HexFormat.of().toHexDigits((int) checksum.getValue());
    }

    private static byte[] bytes(short[] words) {
        byte[] bytes = new byte[2 * words.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (words[i / 2] >>> (i % 2 * 8));
        }
        return bytes;
    }
}
