package dev.quipforge.cuda.driver;

import java.util.ArrayList;
import java.util.List;

/** Blocks of a device's memory with one owner, counted as held. Closed twice, they are given back once. */
public final class OwnedMemory implements AutoCloseable {

    private final DeviceMemory memory;
    private final List<Long> addresses = new ArrayList<>();
    private long bytes;

    /**
     * Holds nothing yet.
     *
     * @param memory what to allocate from
     */
    public OwnedMemory(DeviceMemory memory) {
        this.memory = memory;
    }

    /** As {@link DeviceMemory#allocate}. */
    public synchronized long allocate(String what, long size) {
        long address = memory.take(what, size);
        addresses.add(address);
        bytes += memory.size(address);
        return address;
    }

    /** Bytes of all blocks. */
    public synchronized long bytes() {
        return bytes;
    }

    @Override
    public synchronized void close() {
        addresses.forEach(memory::release);
        addresses.clear();
        bytes = 0;
    }
}
