package dev.quipforge.engine.compute.vector;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * Memory for the inside of an operation, used again by the next piece of work: large blocks are dear to zero and to map.
 * They belong to no thread, as the matrices of workspaces do: kernels are compiled for one kind of segment only.
 */
final class Buffers {

    /** Bytes above which a buffer is left to the garbage collector after its use. */
    private static final long KEPT = 8L << 20;

    private static final long ALIGNMENT = 64;

    private final ConcurrentLinkedQueue<MemorySegment> idle = new ConcurrentLinkedQueue<>();

    /** Lends a buffer of at least {@code floats} floats, whatever they are, while {@code body} runs. */
    void with(long floats, Consumer<MemorySegment> body) {
        MemorySegment buffer = take(floats * Float.BYTES);
        body.accept(buffer);
        if (buffer.byteSize() <= KEPT) {
            idle.add(buffer);
        }
    }

    private MemorySegment take(long bytes) {
        MemorySegment buffer = idle.poll();
        if (buffer == null || buffer.byteSize() < bytes) {
            long rounded = Long.highestOneBit(Math.max(bytes, ALIGNMENT) * 2 - 1);
            return Arena.ofAuto().allocate(rounded, ALIGNMENT);
        }
        return buffer;
    }
}
