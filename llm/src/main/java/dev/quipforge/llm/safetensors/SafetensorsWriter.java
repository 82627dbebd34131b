package dev.quipforge.llm.safetensors;

import dev.quipforge.llm.file.AtomicFile;
import dev.quipforge.llm.json.StrictJson;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes safetensors files. The same tensors and metadata give the same bytes: wide types first (so that every tensor is
 * aligned), then by name.
 */
public final class SafetensorsWriter {

    private static final int ALIGNMENT = 8;
    private static final long CHUNK = 1L << 24;

    private SafetensorsWriter() {}

    /**
     * Writes {@code file}, whole or not at all; it is not forced to the disk ({@link AtomicFile#writeUnforced}).
     *
     * @param metadata texts for {@code __metadata__}; none when empty
     * @param tensors the tensors, in any order, with different names; what makes its elements while it is written does so once
     */
    public static void write(Path file, Map<String, String> metadata, List<? extends WritableTensor> tensors) {
        List<WritableTensor> ordered = tensors.stream()
                .map(WritableTensor.class::cast)
                .sorted(Comparator.comparingInt(
                                (WritableTensor tensor) -> -tensor.type().bytes())
                        .thenComparing(WritableTensor::name))
                .toList();
        byte[] header = header(metadata, ordered);
        AtomicFile.writeUnforced(file, draft -> {
            try (FileChannel channel =
                    FileChannel.open(draft, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                writeAll(channel, MemorySegment.ofArray(header));
                for (WritableTensor tensor : ordered) {
                    long begin = channel.position();
                    tensor.writeTo(bytes -> writeAll(channel, bytes));
                    requireAll(tensor, channel.position() - begin);
                }
            }
        });
    }

    private static void requireAll(WritableTensor tensor, long written) {
        if (written != tensor.bytes()) {
            throw new IllegalStateException(
                    tensor.name() + ": " + written + " bytes written (expected: " + tensor.bytes() + ")");
        }
    }

    private static byte[] header(Map<String, String> metadata, List<WritableTensor> tensors) {
        Map<String, Object> fields = new LinkedHashMap<>();
        if (!metadata.isEmpty()) {
            fields.put("__metadata__", new TreeMap<>(metadata));
        }
        long offset = 0;
        for (WritableTensor tensor : tensors) {
            long end = offset + tensor.bytes();
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("dtype", tensor.type().name());
            entry.put("shape", tensor.shape());
            entry.put("data_offsets", List.of(offset, end));
            if (fields.put(tensor.name(), entry) != null) {
                throw new IllegalArgumentException(tensor.name() + ": written twice");
            }
            offset = end;
        }
        byte[] json = StrictJson.write(fields, false).getBytes(StandardCharsets.UTF_8);
        int padded = Math.ceilDiv(json.length, ALIGNMENT) * ALIGNMENT;
        ByteBuffer buffer = ByteBuffer.allocate(Long.BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(padded).put(json);
        while (buffer.hasRemaining()) {
            buffer.put((byte) ' ');
        }
        return buffer.array();
    }

    private static void writeAll(FileChannel channel, MemorySegment data) throws IOException {
        for (long from = 0; from < data.byteSize(); from += CHUNK) {
            ByteBuffer buffer =
                    data.asSlice(from, Math.min(CHUNK, data.byteSize() - from)).asByteBuffer();
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        }
    }
}
