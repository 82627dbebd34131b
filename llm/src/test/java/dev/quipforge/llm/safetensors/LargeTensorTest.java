package dev.quipforge.llm.safetensors;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.rows.MatrixRows;
import dev.quipforge.llm.rows.RowsLoader;
import dev.quipforge.llm.rows.TensorRows;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tensors of more elements, and more bytes, than 31 bits count. Their files are sparse: only a few numbers are not zero. */
class LargeTensorTest {

    private static final long ROWS = 1_100_000;
    private static final int COLUMNS = 2000;
    private static final long ELEMENTS = ROWS * COLUMNS;

    @TempDir
    Path directory;

    @Test
    void rowsBehindTwoToThe31stElementAreRead() throws IOException {
        Path path = sparse(DataType.BF16, ELEMENTS - 3, 0x80, 0x3F, 0x00, 0x40);
        try (SafetensorsFile file = SafetensorsFile.open(path);
                Arena arena = Arena.ofConfined()) {
            Tensor tensor = file.tensor("large");
            assertThat(tensor.elements()).isEqualTo(2_200_000_000L);
            HostMatrix rows = HostMatrix.allocate(arena, 2, COLUMNS);
            tensor.copyRowsTo(ROWS - 2, rows);
            assertThat(rows.get(1, COLUMNS - 4)).isZero();
            assertThat(rows.get(1, COLUMNS - 3)).isEqualTo(1);
            assertThat(rows.get(1, COLUMNS - 2)).isEqualTo(2);
            HostMatrix elements = HostMatrix.allocate(arena, 1, 3);
            tensor.copyElementsTo(ELEMENTS - 3, elements);
            assertThat(elements.data().toArray(ValueLayout.JAVA_FLOAT)).containsExactly(1, 2, 0);
        }
    }

    @Test
    void rowsBehindTwoToThe31stElementComeToABackend() throws IOException {
        Path path = sparse(DataType.BF16, ELEMENTS - 3, 0x80, 0x3F, 0x00, 0x40);
        try (SafetensorsFile file = SafetensorsFile.open(path);
                ComputeBackend backend = ComputeBackends.named("vector");
                Workspace workspace = backend.workspace()) {
            TensorRows last = TensorRows.of(file.tensor("large")).rows((int) ROWS - 2, (int) ROWS);
            Matrix matrix = RowsLoader.load(backend, workspace, last);
            float[] values = new MatrixRows(backend, matrix).values();
            assertThat(values).hasSize(2 * COLUMNS);
            assertThat(Arrays.copyOfRange(values, values.length - 4, values.length))
                    .containsExactly(0, 1, 2, 0);
        }
    }

    @Test
    void whatNoArrayHoldsIsRefusedAsAnArray() throws IOException {
        Path path = sparse(DataType.BF16, 0, 0, 0, 0, 0);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            Tensor tensor = file.tensor("large");
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(tensor::floats)
                    .withMessage("large: 1100000 x 2000 in one array (expected: at most 2147483639 elements)");
        }
    }

    @Test
    @Tag("slow")
    void allElementsAreWrittenWithAnotherTypeAndChecked() throws IOException {
        long marked = ELEMENTS - 3;
        Path path = sparse(DataType.F8_E4M3, marked, 0x38, 0xC0, 0x7F, 0);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            Tensor tensor = file.tensor("large");
            WritableTensor converted = Tensors.converted(tensor, DataType.BF16);
            assertThat(converted.bytes()).isEqualTo(4_400_000_000L);
            Tail tail = new Tail(marked * DataType.BF16.bytes());
            converted.writeTo(tail);
            assertThat(tail.taken).isEqualTo(converted.bytes());
            assertThat(tail.last.order(ByteOrder.LITTLE_ENDIAN).getInt(0)).isEqualTo(0xC000_3F80);
            assertThatExceptionOfType(InvalidModelException.class)
                    .isThrownBy(tensor::requireFinite)
                    .withMessage("large: NaN at element 2199999999 (expected: finite numbers)");
        }
    }

    /** Keeps what is written from a byte on, which all comes in one piece. */
    private static final class Tail implements WritableTensor.Sink {

        private final long from;
        private long taken;
        private ByteBuffer last = ByteBuffer.allocate(0);

        Tail(long from) {
            this.from = from;
        }

        @Override
        public void write(MemorySegment bytes) {
            long end = taken + bytes.byteSize();
            if (end > from) {
                last = ByteBuffer.wrap(bytes.asSlice(from - taken).toArray(JAVA_BYTE));
            }
            taken = end;
        }
    }

    /** A tensor of zeros but for four bytes that begin with an element; what of them is beyond its end is left out. */
    private Path sparse(DataType type, long element, int... bytes) throws IOException {
        long size = ELEMENTS * type.bytes();
        byte[] header = ("{\"large\":{\"dtype\":\"" + type + "\",\"shape\":[" + ROWS + "," + COLUMNS
                        + "],\"data_offsets\":[0," + size + "]}}")
                .getBytes(StandardCharsets.UTF_8);
        Path path = directory.resolve("large.safetensors");
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(Long.BYTES + header.length)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(header.length)
                    .put(header)
                    .flip());
            long data = (long) Long.BYTES + header.length;
            channel.write(ByteBuffer.allocate(1), data + size - 1);
            ByteBuffer values = ByteBuffer.allocate(bytes.length);
            for (int value : bytes) {
                values.put((byte) value);
            }
            long at = element * type.bytes();
            values.flip().limit((int) Math.min(bytes.length, size - at));
            channel.write(values, data + at);
        }
        return path;
    }
}
