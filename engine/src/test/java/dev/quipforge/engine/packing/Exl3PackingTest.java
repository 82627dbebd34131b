package dev.quipforge.engine.packing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.hadamard.Hadamard;
import dev.quipforge.engine.trellis.Trellis;
import java.lang.foreign.Arena;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The worked examples of the EXL3 reference: tiles of random symbols, and three whole tensors. */
class Exl3PackingTest {

    private final ComputeBackend backend = ComputeBackends.named("vector");
    private final Arena arena = Arena.ofShared();
    private final Workspace workspace = backend.workspace();

    @AfterEach
    void close() {
        workspace.close();
        arena.close();
        backend.close();
    }

    @ParameterizedTest
    @CsvSource({
        "2,b3251e1a7c2901da84f17e76d244ccb4,0=ff64 1=fd91 2=f646 7=1a1e 8=6878 255=ffd9",
        "3,15b4502ac2ca8f39b9353602fcfdc75d,0=7511 1=a88a 255=eea2",
        "4,c8058b353f9d460a1531a8d5e24c962b,0=5843 8=5c80 255=f584"
    })
    void oneTileIsPackedAsInTheReference(int bits, String start, String states) {
        PackedTiles tiles = tiles(Trellis.of("3inst", 16, bits), 16, 16, 1);
        byte[] bytes = bytes(Exl3Packing.pack(tiles));
        assertThat(bytes).hasSize(32 * bits);
        assertThat(HexFormat.of().formatHex(Arrays.copyOf(bytes, 16))).isEqualTo(start);
        int[] path = tiles.column(0);
        for (String expected : states.split(" ", -1)) {
            int position = Integer.parseInt(expected.substring(0, expected.indexOf('=')));
            assertThat(position + "=" + HexFormat.of().toHexDigits((short) path[position]))
                    .isEqualTo(expected);
        }
    }

    @Test
    void positionsInATileAreThoseOfTheReference() {
        int[] indices = TileOrder.SECOND_OPERAND.indices();
        int[][] inputsAndOutputs = {{0, 0}, {1, 0}, {8, 0}, {9, 0}, {0, 8}, {1, 8}, {8, 8}, {9, 8}, {2, 0}};
        for (int position = 0; position < inputsAndOutputs.length; position++) {
            assertThat(indices[position]).isEqualTo(16 * inputsAndOutputs[position][1] + inputsAndOutputs[position][0]);
        }
        assertThat(indices[32]).isEqualTo(16);
        assertThat(indices[255]).isEqualTo(255);
    }

    @ParameterizedTest
    @CsvSource({
        "3,mul1,1,128,128,cb1530a32b8a97869fcb88ee849f68bf,-0.069580548,-1.212089518,84.290931,6893.919810,0.631744377,0.925538470",
        "2,mcg,7,256,128,b6b55dea653bf73d21513e4a3e92560d,-0.059109092,0.945695013,65.226807,21175.791231,1.891631990,-2.910320914",
        "4,3inst,42,128,256,989ee3fbb73a762c12848de27edd89c6,0.812884569,0.393542290,-308.005359,21587.730090,-3.309099460,2.138878300"
    })
    void wholeTensorsAreDecodedAsInTheReference(
            int bits,
            String code,
            int seed,
            int inputs,
            int outputs,
            String sha256,
            double first,
            double middle,
            double sum,
            double energy,
            double firstOutput,
            double lastOutput)
            throws Exception {
        Trellis trellis = Trellis.of(code, 16, bits);
        short[] packed = Exl3Packing.pack(tiles(trellis, outputs, inputs, seed));
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes(packed));
        assertThat(HexFormat.of().formatHex(digest)).startsWith(sha256);
        HostMatrix weights = weights(Exl3Packing.unpack(trellis, outputs, inputs, packed), outputs, inputs);
        assertThat((double) weights.get(0, 0)).isCloseTo(first, within(2e-6));
        assertThat((double) weights.get(77, 5)).isCloseTo(middle, within(2e-6));
        double total = 0;
        for (int i = 0; i < outputs; i++) {
            for (int j = 0; j < inputs; j++) {
                total += weights.get(i, j);
            }
        }
        assertThat(total).isCloseTo(sum, within(1e-3));
        assertThat(backend.dense().innerProduct(weights, weights)).isCloseTo(energy, within(1e-2));
        Matrix x = row(inputs, i -> (37 * i % 64 - 32) / 64.0);
        HostMatrix y = HostMatrix.require(workspace.matrix(1, outputs));
        backend.dense().multiplyTransposed(x, weights, y);
        assertThat((double) y.get(0, 0)).isCloseTo(firstOutput, within(2e-5));
        assertThat((double) y.get(0, outputs - 1)).isCloseTo(lastOutput, within(2e-5));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void everyNumberOfBitsComesBack(int bits) {
        PackedTiles tiles = tiles(Trellis.of("mul1", 16, bits), 48, 32, 5);
        PackedTiles unpacked = Exl3Packing.unpack(tiles.trellis(), 48, 32, Exl3Packing.pack(tiles));
        assertThat(unpacked.words()).isEqualTo(tiles.words());
    }

    @Test
    void whatExl3DoesNotReadIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Exl3Packing.pack(new PackedTiles(Trellis.of("3inst", 16, 2), 16, 16)))
                .withMessage("order of the tiles: ROWS (expected: SECOND_OPERAND)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Exl3Packing.unpack(Trellis.of("hyb", 16, 2), 16, 16, new short[32]))
                .withMessage("EXL3: L = 16, V = 2 (expected: L = 16, V = 1)");
    }

    /** W [outputs × inputs] = diag(svh) H Ŵ H diag(suh), H in blocks of 128, with the scales of the reference's generator. */
    private HostMatrix weights(PackedTiles tiles, int outputs, int inputs) {
        HostMatrix weights = HostMatrix.require(workspace.matrix(outputs, inputs));
        tiles.decode(backend, weights);
        backend.hadamard().transformRows(Hadamard.inBlocks(inputs, 128), weights);
        backend.hadamard().transformColumns(Hadamard.inBlocks(outputs, 128), weights);
        backend.dense().scaleColumns(weights, row(inputs, i -> (7 * i % 3 == 0 ? -1 : 1) * (0.5 + i % 5 / 8.0)));
        backend.dense().scaleRows(weights, row(outputs, j -> (5 * j % 3 == 0 ? -1 : 1) * (0.75 + j % 4 / 16.0)));
        return weights;
    }

    private Matrix row(int length, IntToDoubleFunction element) {
        HostMatrix row = HostMatrix.allocate(arena, 1, length);
        for (int i = 0; i < length; i++) {
            row.set(0, i, (float) element.applyAsDouble(i));
        }
        return workspace.copyOf(row);
    }

    /** Symbols of the reference's generator, tiles in the order of the inputs. */
    private static PackedTiles tiles(Trellis trellis, int outputs, int inputs, int seed) {
        PackedTiles tiles = new PackedTiles(trellis, outputs, inputs, TileOrder.SECOND_OPERAND);
        int x = seed;
        for (int column = 0; column < inputs / 16; column++) {
            int[] states = new int[outputs * 16];
            for (int tile = 0; tile < outputs / 16; tile++) {
                int[] symbols = new int[256];
                for (int p = 0; p < 256; p++) {
                    x = x * 1664525 + 1013904223;
                    symbols[p] = x >>> (Integer.SIZE - trellis.bits());
                }
                System.arraycopy(states(symbols, trellis.bits()), 0, states, 256 * tile, 256);
            }
            tiles.setColumn(column, states);
        }
        return tiles;
    }

    /** The last 16 bits of the circle of symbols up to each. */
    private static int[] states(int[] symbols, int bits) {
        int[] states = new int[symbols.length];
        for (int p = 0; p < symbols.length; p++) {
            for (int back = 15; back >= 0; back--) {
                states[p] = states[p] << bits | symbols[(p - back + symbols.length) % symbols.length];
            }
            states[p] &= 0xFFFF;
        }
        return states;
    }

    private static byte[] bytes(short[] words) {
        byte[] bytes = new byte[2 * words.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (words[i / 2] >>> (i % 2 * 8));
        }
        return bytes;
    }
}
