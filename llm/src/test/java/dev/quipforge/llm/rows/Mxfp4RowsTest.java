package dev.quipforge.llm.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.safetensors.DataType;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import dev.quipforge.llm.safetensors.SafetensorsWriter;
import dev.quipforge.llm.safetensors.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Mxfp4RowsTest {

    private static final String NAME = "model.layers.0.mlp.experts.gate_up_proj";

    @TempDir
    Path directory;

    @Test
    void theLowerHalfOfAByteComesFirst() {
        byte[] codes = new byte[16];
        for (int i = 0; i < 16; i++) {
            codes[i] = (byte) (i | (15 - i) << 4);
        }
        try (SafetensorsFile file = file(codes(codes, 1, 1, 1, 16), scales(new int[] {127}, 1, 1, 1))) {
            float[] values = DenseRowsTest.read(Mxfp4Rows.of(file, NAME, 0), 0, 1, 1);
            assertThat(values)
                    .containsExactly(
                            0, -6, 0.5f, -4, 1, -3, 1.5f, -2, 2, -1.5f, 3, -1, 4, -0.5f, 6, -0f, -0f, 6, -0.5f, 4, -1,
                            3, -1.5f, 2, -2, 1.5f, -3, 1, -4, 0.5f, -6, 0);
        }
    }

    @Test
    void everyGroupHasItsPowerOfTwo() {
        int[] exponents = {0, 1, 126, 128, 130, 252, 117, 127};
        byte[] codes = new byte[2 * 2 * 2 * 16];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = (byte) (0x10 * (i % 7 + 1) + (i % 8));
        }
        float[] table = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6};
        try (SafetensorsFile file = file(codes(codes, 2, 2, 2, 16), scales(exponents, 2, 2, 2))) {
            Mxfp4Rows rows = Mxfp4Rows.of(file, NAME, 1);
            assertThat(rows.rows()).isEqualTo(2);
            assertThat(rows.columns()).isEqualTo(64);
            float[] values = DenseRowsTest.read(rows, 0, 1, 2);
            for (int i = 0; i < 128; i++) {
                int at = 64 + i / 2;
                float code = i % 2 == 0 ? table[at % 8] : table[at % 7 + 1];
                float expected = (float) (code * Math.pow(2, exponents[at / 16] - 127));
                assertThat(values[i]).as("value %d", i).isEqualTo(expected);
            }
            assertThat(DenseRowsTest.read(rows.everySecond(1), 0, 1, 1)).isEqualTo(Arrays.copyOfRange(values, 64, 128));
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        Tensor codes = codes(new byte[64], 1, 2, 2, 16);
        assertRefused(NAME + "_scales: missing (expected: the scales of " + NAME + "_blocks)", codes);
        assertRefused(NAME + "_scales: 1 x 4 x 1 (expected: 1 x 2 x 2)", codes, scales(new int[4], 1, 4, 1));
        assertRefused(
                NAME + "_blocks: 1 x 2 x 4 x 8 (expected: matrices x rows x groups x 16)",
                codes(new byte[64], 1, 2, 4, 8),
                scales(new int[8], 1, 2, 4));
    }

    @Test
    void aScaleThatIsNoNumberIsRefused() {
        try (SafetensorsFile file = file(codes(new byte[64], 1, 2, 2, 16), scales(new int[] {1, 2, 3, 255}, 1, 2, 2))) {
            Mxfp4Rows rows = Mxfp4Rows.of(file, NAME, 0);
            assertThatExceptionOfType(InvalidModelException.class)
                    .isThrownBy(() -> DenseRowsTest.read(rows, 0, 1, 2))
                    .withMessage(NAME + "_scales: 255 at element 3 (expected: 0 to 254)");
        }
    }

    private void assertRefused(String message, Tensor... tensors) {
        try (SafetensorsFile file = file(tensors)) {
            assertThatExceptionOfType(InvalidModelException.class)
                    .isThrownBy(() -> Mxfp4Rows.of(file, NAME, 0))
                    .withMessage(message);
        }
    }

    private static Tensor codes(byte[] values, long... shape) {
        return tensor("_blocks", values, shape);
    }

    private static Tensor scales(int[] values, long... shape) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return tensor("_scales", bytes, shape);
    }

    private static Tensor tensor(String suffix, byte[] values, long... shape) {
        List<Long> lengths = Arrays.stream(shape).boxed().toList();
        return new Tensor(NAME + suffix, DataType.U8, lengths, MemorySegment.ofArray(values));
    }

    private SafetensorsFile file(Tensor... tensors) {
        Path path = directory.resolve("mxfp4.safetensors");
        SafetensorsWriter.write(path, Map.of(), List.of(tensors));
        return SafetensorsFile.open(path);
    }
}
