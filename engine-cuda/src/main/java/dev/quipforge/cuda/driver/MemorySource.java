package dev.quipforge.cuda.driver;

import java.util.function.Supplier;

/** What {@link DeviceMemory} takes its blocks from, and the lock that keeps other threads out meanwhile. */
interface MemorySource {

    /** Address of a new block of {@code bytes}; 0 when there is not enough memory. */
    long allocate(long bytes);

    /** Gives a block of {@link #allocate} back; nothing may be queued that uses it. */
    void free(long address);

    /** Waits until nothing that is queued uses any block. */
    void synchronize();

    /** Bytes that are left. */
    long freeBytes();

    /** Computes {@code work} while no other thread does; calls may be nested. */
    <T> T call(Supplier<T> work);

    /** As {@link #call}, for work without a result. */
    void run(Runnable work);
}
