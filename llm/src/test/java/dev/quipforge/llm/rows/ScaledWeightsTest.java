package dev.quipforge.llm.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.safetensors.DataType;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import dev.quipforge.llm.safetensors.SafetensorsWriter;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.Tensors;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScaledWeightsTest {

    private static final String WEIGHT = "model.layers.0.mlp.up_proj.weight";
    private static final int ROWS = 130;
    private static final int COLUMNS = 300;

    @TempDir
    Path directory;

    private final List<SafetensorsFile> opened = new ArrayList<>();

    @AfterEach
    void close() {
        opened.forEach(SafetensorsFile::close);
    }

    @Test
    void everyBlockHasItsScale() {
        float[] scales = {0.5f, 1.25f, 3, 0x1p-20f, 7, 1000};
        SafetensorsFile file = file(codes(), Tensors.ofFloats(WEIGHT + "_scale_inv", List.of(2L, 3L), scales));
        DenseRows rows = ScaledWeights.ofBlocks(file, WEIGHT, 128, 128);
        assertThat(rows.rows()).isEqualTo(ROWS);
        assertThat(rows.columns()).isEqualTo(COLUMNS);
        requireProducts(rows, 1, (row, column) -> scales[row / 128 * 3 + column / 128]);
        requireProducts(rows, 3, (row, column) -> scales[row / 128 * 3 + column / 128]);
    }

    @Test
    void blocksNeedNotBeSquare() {
        float[] scales = new float[ROWS * 5];
        for (int i = 0; i < scales.length; i++) {
            scales[i] = i + 1;
        }
        SafetensorsFile file = file(codes(), Tensors.ofFloats(WEIGHT + "_scale_inv", List.of((long) ROWS, 5L), scales));
        DenseRows rows = ScaledWeights.ofBlocks(file, WEIGHT, 1, 64);
        requireProducts(rows, 1, (row, column) -> scales[row * 5 + column / 64]);
    }

    @Test
    void oneScaleHoldsForAllOfAWeight() {
        for (List<Long> shape : List.of(List.<Long>of(), List.of(1L), List.of(1L, 1L))) {
            SafetensorsFile file = file(
                    codes(),
                    Tensors.ofFloats(WEIGHT + "_scale", shape, new float[] {0.3f}),
                    Tensors.ofFloats("model.layers.0.mlp.up_proj.input_scale", List.of(1L), new float[] {9}));
            requireProducts(ScaledWeights.ofRows(file, WEIGHT), 1, (_, _) -> 0.3f);
        }
    }

    @Test
    void everyRowHasItsScale() {
        float[] scales = new float[ROWS];
        for (int i = 0; i < ROWS; i++) {
            scales[i] = (i + 1) * 0.25f;
        }
        for (List<Long> shape : List.of(List.of((long) ROWS), List.of((long) ROWS, 1L))) {
            SafetensorsFile file = file(codes(), Tensors.ofHalves(WEIGHT + "_scale", shape, scales));
            requireProducts(ScaledWeights.ofRows(file, WEIGHT), 2, (row, _) -> scales[row]);
        }
    }

    @Test
    void missingScalesAreNamed() {
        SafetensorsFile file = file(codes());
        assertRefused(
                () -> ScaledWeights.ofBlocks(file, WEIGHT, 128, 128),
                WEIGHT + "_scale_inv: missing (expected: the scales of " + WEIGHT + ")");
        assertRefused(
                () -> ScaledWeights.ofRows(file, WEIGHT),
                WEIGHT + "_scale: missing (expected: the scales of " + WEIGHT + ")");
    }

    @Test
    void scalesOfAnotherShapeAreRefused() {
        SafetensorsFile file = file(
                codes(),
                Tensors.ofFloats(WEIGHT + "_scale_inv", List.of(3L, 2L), new float[6]),
                Tensors.ofFloats(WEIGHT + "_scale", List.of(1L, 130L), new float[130]));
        assertRefused(
                () -> ScaledWeights.ofBlocks(file, WEIGHT, 128, 128), WEIGHT + "_scale_inv: 3 x 2 (expected: 2 x 3)");
        assertRefused(
                () -> ScaledWeights.ofRows(file, WEIGHT),
                WEIGHT + "_scale: 1 x 130 (expected: one scale, 130 or 130 x 1)");
    }

    @Test
    void weightsOfMoreBitsHaveNoScales() {
        SafetensorsFile file = file(Tensors.ofHalves(WEIGHT, List.of(1L, 1L), new float[1]));
        assertRefused(() -> ScaledWeights.ofRows(file, WEIGHT), WEIGHT + ": dtype F16 (expected: F8_E4M3 or F8_E5M2)");
    }

    private interface Scale {

        float at(int row, int column);
    }

    private static void requireProducts(DenseRows rows, int step, Scale scale) {
        float[] plain = codes().floats();
        int count = (ROWS - 1) / step + 1;
        float[] values = DenseRowsTest.read(rows, 0, step, count);
        for (int i = 0; i < count; i++) {
            int row = i * step;
            for (int column = 0; column < COLUMNS; column++) {
                assertThat(values[i * COLUMNS + column])
                        .isEqualTo(plain[row * COLUMNS + column] * scale.at(row, column));
            }
        }
    }

    /** Every finite code, over and over. */
    private static Tensor codes() {
        byte[] bytes = new byte[ROWS * COLUMNS];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i % 127 + (i / 127 % 2 == 0 ? 0 : 128));
        }
        return new Tensor(WEIGHT, DataType.F8_E4M3, List.of((long) ROWS, (long) COLUMNS), MemorySegment.ofArray(bytes));
    }

    private SafetensorsFile file(Tensor... tensors) {
        Path path = directory.resolve(opened.size() + ".safetensors");
        SafetensorsWriter.write(path, Map.of(), Arrays.asList(tensors));
        SafetensorsFile file = SafetensorsFile.open(path);
        opened.add(file);
        return file;
    }

    private static void assertRefused(ThrowingCallable call, String message) {
        assertThatExceptionOfType(InvalidModelException.class).isThrownBy(call).withMessage(message);
    }
}
