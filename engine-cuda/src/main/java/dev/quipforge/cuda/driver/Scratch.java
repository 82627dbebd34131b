package dev.quipforge.cuda.driver;

import java.util.ArrayList;
import java.util.List;

/** Memory that one operation needs while it runs; closing it hands the memory on to whatever is queued next. */
public final class Scratch implements AutoCloseable {

    private final DeviceMemory memory;
    private final List<Long> addresses = new ArrayList<>();

    /**
     * Holds nothing yet.
     *
     * @param memory what to allocate from
     */
    public Scratch(DeviceMemory memory) {
        this.memory = memory;
    }

    /** Memory of at least {@code bytes}, not zeroed. */
    public long bytes(String what, long bytes) {
        long address = memory.allocate(what, bytes);
        addresses.add(address);
        return address;
    }

    @Override
    public void close() {
        addresses.forEach(memory::free);
        addresses.clear();
    }
}
