package dev.quipforge.engine.compute.vector.lanes;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * Memory for the inside of an operation, used again by the next piece of work: large blocks are expensive to zero and to map.
 * They belong to no thread, as the matrices of workspaces do: kernels are compiled for one kind of segment only.
 */
public final class Buffers implements AutoCloseable {

    /** Bytes above which a buffer is freed after its use. */
    private static final long KEPT = 8L << 20;

    private static final long ALIGNMENT = 64;

    private final ConcurrentLinkedQueue<Buffer> idle = new ConcurrentLinkedQueue<>();

    private record Buffer(Arena arena, MemorySegment memory) {

        static Buffer allocate(long bytes) {
            Arena arena = Arena.ofShared();
            return new Buffer(arena, arena.allocate(bytes, ALIGNMENT));
        }
    }

    /** Lends a buffer of at least {@code floats} floats, whatever they are, while {@code body} runs. */
    public void with(long floats, Consumer<MemorySegment> body) {
        Buffer buffer = take(floats * Float.BYTES);
        try {
            body.accept(buffer.memory);
        } finally {
            if (buffer.memory.byteSize() <= KEPT) {
                idle.add(buffer);
            } else {
                buffer.arena.close();
            }
        }
    }

    private Buffer take(long bytes) {
        Buffer buffer = bytes > KEPT ? null : idle.poll();
        if (buffer != null && buffer.memory.byteSize() >= bytes) {
            return buffer;
        }
        if (buffer != null) {
            buffer.arena.close();
        }
        return Buffer.allocate(Long.highestOneBit(Math.max(bytes, ALIGNMENT) * 2 - 1));
    }

    @Override
    public void close() {
        for (Buffer buffer = idle.poll(); buffer != null; buffer = idle.poll()) {
            buffer.arena.close();
        }
    }
}
