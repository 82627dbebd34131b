package dev.quipforge.cuda.driver;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Map.Entry;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The memory of a device. What is given back is kept for the next that asks for about as much: the driver's own
 * allocation waits for the device. All work is on one stream, so that a block can be handed on while its last reader is
 * still queued.
 */
public final class DeviceMemory implements AutoCloseable {

    private static final long SMALL_GRAIN = 512;
    private static final long LARGE_GRAIN = 2 << 20;

    private final MemorySource source;

    /** Sizes by address. */
    private final Map<Long, Long> lent = new HashMap<>();

    /** Addresses by size. */
    private final NavigableMap<Long, Deque<Long>> cached = new TreeMap<>();

    private long held;
    private long used;
    private long peak;

    /** @param source where memory comes from that is not held yet */
    public DeviceMemory(MemorySource source) {
        this.source = source;
    }

    /**
     * Memory of at least {@code bytes}, not zeroed.
     *
     * @param what what it is for, for the message
     * @throws DeviceOutOfMemoryException when the device has not enough, even without what is cached
     */
    public long allocate(String what, long bytes) {
        return source.call(() -> {
            long size = rounded(bytes);
            long address = fromCache(size);
            if (address == 0) {
                address = fromSource(size);
            }
            if (address == 0) {
                trim();
                address = fromSource(size);
            }
            if (address == 0) {
                throw new DeviceOutOfMemoryException(what, bytes, source.freeBytes(), held);
            }
            return address;
        });
    }

    /** {@link #allocate}, counted as held until it is released. */
    long take(String what, long bytes) {
        return source.call(() -> {
            long address = allocate(what, bytes);
            held += size(address);
            return address;
        });
    }

    /** Gives back what was taken with {@link #take}. */
    void release(long address) {
        source.run(() -> {
            held -= size(address);
            free(address);
        });
    }

    /**
     * Gives memory back.
     *
     * @throws IllegalArgumentException when it was given back before and nobody has it now
     */
    void free(long address) {
        source.run(() -> {
            long size = size(address);
            lent.remove(address);
            used -= size;
            cached.computeIfAbsent(size, _ -> new ArrayDeque<>()).push(address);
        });
    }

    /** Bytes of the block at {@code address}. */
    long size(long address) {
        return source.call(() -> {
            Long size = lent.get(address);
            if (size == null) {
                throw new IllegalArgumentException("address: " + address + " (expected: a block that is lent)");
            }
            return size;
        });
    }

    /** Bytes of what was taken and not yet released. */
    public long held() {
        return source.call(() -> held);
    }

    /** The most bytes that were lent at once, held or not, since the beginning or {@link #resetPeak}. */
    public long peak() {
        return source.call(() -> peak);
    }

    /** Begins to measure {@link #peak} anew, with what is lent now. */
    public void resetPeak() {
        source.run(() -> peak = used);
    }

    private void lend(long address, long size) {
        lent.put(address, size);
        used += size;
        peak = Math.max(peak, used);
    }

    private static long rounded(long bytes) {
        long grain = bytes < LARGE_GRAIN ? SMALL_GRAIN : LARGE_GRAIN;
        return Math.max(1, (bytes + grain - 1) / grain) * grain;
    }

    /** A cached block that is at most an eighth too large, or 0. */
    private long fromCache(long size) {
        Entry<Long, Deque<Long>> fitting = cached.ceilingEntry(size);
        if (fitting == null || fitting.getKey() > size + size / 8) {
            return 0;
        }
        long address = fitting.getValue().pop();
        if (fitting.getValue().isEmpty()) {
            cached.remove(fitting.getKey());
        }
        lend(address, fitting.getKey());
        return address;
    }

    private long fromSource(long size) {
        long address = source.allocate(size);
        if (address != 0) {
            lend(address, size);
        }
        return address;
    }

    /** Gives everything cached back to the driver. */
    private void trim() {
        source.synchronize();
        cached.values().forEach(blocks -> blocks.forEach(source::free));
        cached.clear();
    }

    @Override
    public void close() {
        source.run(this::trim);
    }
}
