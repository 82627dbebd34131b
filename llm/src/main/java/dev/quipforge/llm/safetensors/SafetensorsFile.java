package dev.quipforge.llm.safetensors;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.json.StrictJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** One memory-mapped safetensors file. Nothing of it is believed before it is checked. */
public final class SafetensorsFile implements TensorSource, AutoCloseable {

    private static final int PREFIX = Long.BYTES;

    private final String name;
    private final Arena arena;
    private final SafetensorsHeader header;
    private final MemorySegment data;

    private SafetensorsFile(String name, Arena arena, SafetensorsHeader header, MemorySegment data) {
        this.name = name;
        this.arena = arena;
        this.header = header;
        this.data = data;
    }

    /**
     * Maps and checks a file.
     *
     * @throws InvalidModelException when it is absent or not a safetensors file
     */
    public static SafetensorsFile open(Path file) {
        String name = String.valueOf(file.getFileName());
        if (!Files.isRegularFile(file)) {
            throw new InvalidModelException(
                    name, "not found in " + file.toAbsolutePath().getParent());
        }
        Arena arena = Arena.ofShared();
        try (CloseOnFailure opened = new CloseOnFailure(arena::close);
                FileChannel channel = FileChannel.open(file)) {
            MemorySegment all = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            long headerBytes = headerLength(all, name);
            byte[] json = all.asSlice(PREFIX, headerBytes).toArray(JAVA_BYTE);
            MemorySegment data = all.asSlice(PREFIX + headerBytes);
            return opened.keep(
                    new SafetensorsFile(name, arena, SafetensorsHeader.parse(json, data.byteSize(), name), data));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long headerLength(MemorySegment all, String name) {
        if (all.byteSize() < PREFIX) {
            throw new InvalidModelException(name, all.byteSize() + " bytes (expected: a header of at least 8)");
        }
        long length = all.get(JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
        long most = Math.min(StrictJson.LARGEST, all.byteSize() - PREFIX);
        if (length < 2 || length > most) {
            throw new InvalidModelException(
                    name, "header of " + Long.toUnsignedString(length) + " bytes (expected: 2 to " + most + ")");
        }
        return length;
    }

    /** The texts under {@code __metadata__}. */
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(header.metadata());
    }

    @Override
    public SortedSet<String> names() {
        return Collections.unmodifiableSortedSet(new TreeSet<>(header.entries().keySet()));
    }

    @Override
    public boolean contains(String tensor) {
        return header.entries().containsKey(tensor);
    }

    @Override
    public Tensor tensor(String tensor) {
        SafetensorsHeader.Entry entry = header.entries().get(tensor);
        if (entry == null) {
            throw new InvalidModelException(name, "tensor " + tensor + " is missing");
        }
        return new Tensor(
                tensor, entry.type(), entry.shape(), data.asSlice(entry.begin(), entry.end() - entry.begin()));
    }

    @Override
    public void close() {
        arena.close();
    }
}
