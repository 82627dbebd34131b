package dev.quipforge.llm.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.safetensors.DataType;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import dev.quipforge.llm.safetensors.SafetensorsWriter;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.Tensors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DenseRowsTest {

    private static final ComputeBackend BACKEND = ComputeBackends.named("vector");

    @TempDir
    Path directory;

    @Test
    void aMatrixIsReadAsItIs() {
        TensorRows rows = TensorRows.of(counting(5, 3));
        assertThat(rows.rows()).isEqualTo(5);
        assertThat(rows.columns()).isEqualTo(3);
        assertThat(read(rows, 1, 1, 2)).containsExactly(3, 4, 5, 6, 7, 8);
        assertThat(read(rows, 0, 4, 2)).containsExactly(0, 1, 2, 12, 13, 14);
        assertThat(read(rows.rows(2, 4), 1, 1, 1)).containsExactly(9, 10, 11);
    }

    @Test
    void oneOfManyMatricesIsRead() {
        TensorRows rows = TensorRows.slice(counting(3, 2, 4), 2);
        assertThat(read(rows, 0, 1, 2)).containsExactly(16, 17, 18, 19, 20, 21, 22, 23);
        assertThat(rows.stored().orElseThrow().floats()).containsExactly(16, 17, 18, 19, 20, 21, 22, 23);
    }

    @Test
    void matricesWhoseRowsAlternateAreReadApart() {
        DenseRows both = TensorRows.of(counting(5, 1));
        assertThat(read(both.everySecond(0), 0, 1, 3)).containsExactly(0, 2, 4);
        assertThat(read(both.everySecond(1), 0, 1, 2)).containsExactly(1, 3);
        assertThat(read(both.everySecond(0).rows(1, 3), 0, 1, 2)).containsExactly(2, 4);
        assertThat(read(both.everySecond(0).everySecond(0), 0, 1, 2)).containsExactly(0, 4);
        assertThat(both.everySecond(0).stored()).isEmpty();
    }

    @Test
    void aTransposedMatrixIsRead() {
        assertThat(read(TransposedRows.of(counting(2, 3)), 0, 1, 3)).containsExactly(0, 3, 1, 4, 2, 5);
        assertThat(read(TransposedRows.slice(counting(2, 2, 3), 1), 1, 1, 2)).containsExactly(7, 10, 8, 11);
    }

    @Test
    void aTransposedMatrixOfManyTilesIsRead() {
        int rows = 1300;
        int columns = 131;
        TransposedRows transposed = TransposedRows.slice(counting(2, columns, rows), 1);
        for (int step : new int[] {1, 2, 3, 600}) {
            int count = (rows - 2) / step + 1;
            float[] values = read(transposed, 1, step, count);
            for (int i = 0; i < count; i++) {
                for (int column = 0; column < columns; column++) {
                    float expected = columns * rows + column * rows + 1 + i * step;
                    assertThat(values[i * columns + column]).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void gapsBetweenTheRowsOfTheTargetStayAsTheyAre() {
        try (Arena arena = Arena.ofConfined()) {
            for (DenseRows rows : List.of(TensorRows.of(counting(2, 3)), TransposedRows.of(counting(3, 2)))) {
                HostMatrix wide = HostMatrix.allocate(arena, 2, 5);
                wide.set(0, 3, -1);
                rows.copyTo(0, wide.columns(0, 3));
                assertThat(wide.get(1, 2)).isEqualTo(5);
                assertThat(wide.get(0, 3)).isEqualTo(-1);
            }
        }
    }

    @Test
    void rowsThatAreNotThereAreRefused() {
        DenseRows rows = TensorRows.of(counting(5, 3));
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> read(rows, 3, 2, 2))
                .withMessage("rows 3 to 5 by 2 into 2 x 3 (expected: of 5 x 3)");
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> read(rows.everySecond(1), 2, 1, 1));
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> rows.everySecond(0).rows(2, 4));
    }

    @Test
    void otherDimensionsAreRefused() {
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> TensorRows.slice(counting(2, 3), 0))
                .withMessage("t: 2 x 3 (expected: matrices x rows x columns, each at most 2147483647)");
        Tensor integers = Tensors.ofIntegers("i", List.of(1L, 1L), new int[1]);
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> TensorRows.of(integers))
                .withMessage("i: dtype I32 (expected: F8, F16, BF16, F32 or F64)");
    }

    @Test
    void aBackendGetsTheSameValuesHoweverTheyAreStored() {
        Tensor stored = counting(3000, 700);
        try (Workspace workspace = BACKEND.workspace()) {
            Matrix plain = RowsLoader.load(BACKEND, workspace, TensorRows.of(stored));
            assertThat(read(new MatrixRows(BACKEND, plain), 0, 1, 3000)).isEqualTo(stored.floats());
            Matrix transposed = RowsLoader.load(BACKEND, workspace, TransposedRows.of(stored));
            float[] expected = read(TransposedRows.of(stored), 0, 1, 700);
            assertThat(read(new MatrixRows(BACKEND, transposed), 0, 1, 700)).isEqualTo(expected);
            Matrix second = RowsLoader.load(
                    BACKEND, workspace, TransposedRows.of(stored).everySecond(1));
            assertThat(read(new MatrixRows(BACKEND, second), 0, 1, 350))
                    .isEqualTo(read(new MatrixRows(BACKEND, transposed), 1, 2, 350));
        }
    }

    @Test
    void aMatrixIsConvertedWhileItIsWritten() {
        Path path = directory.resolve("rows.safetensors");
        Tensor tensor = counting(1100, 1000);
        SafetensorsWriter.write(
                path, Map.of(), List.of(new RowsTensor("m", DataType.BF16, TensorRows.of(tensor)), tensor));
        Path whole = directory.resolve("whole.safetensors");
        SafetensorsWriter.write(whole, Map.of(), List.of(Tensors.converted(tensor, DataType.BF16)));
        try (SafetensorsFile rows = SafetensorsFile.open(path);
                SafetensorsFile expected = SafetensorsFile.open(whole)) {
            assertThat(rows.tensor("t").floats()).isEqualTo(tensor.floats());
            assertThat(rows.tensor("m").shape()).containsExactly(1100L, 1000L);
            assertThat(rows.tensor("m").floats())
                    .isEqualTo(expected.tensor("t").floats())
                    .startsWith(0, 1, 2)
                    .endsWith(0x10C000, 0x10C000);
        }
    }

    @Test
    void codesAreNotWrittenAsFloats() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new RowsTensor("m", DataType.I8, TensorRows.of(counting(1, 1))))
                .withMessage("m: to I8 (expected: F16, BF16 or F32)");
    }

    /** The numbers 0, 1, 2 … as F32. */
    private static Tensor counting(long... shape) {
        int count = 1;
        for (long length : shape) {
            count *= (int) length;
        }
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = i;
        }
        return Tensors.ofFloats("t", Arrays.stream(shape).boxed().toList(), values);
    }

    static float[] read(DenseRows rows, int first, int step, int count) {
        float[] values = new float[count * rows.columns()];
        rows.copyTo(first, step, new HostMatrix(MemorySegment.ofArray(values), count, rows.columns(), rows.columns()));
        return values;
    }
}
