package dev.quipforge.cuda;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Map.Entry;
import java.util.NavigableMap;
import java.util.TreeMap;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * The memory of a device. What is given back is kept for the next that asks for about as much: the driver's own
 * allocation waits for the device. All work is on one stream, so that a block can be handed on while its last reader is
 * still queued.
 */
final class DeviceMemory implements AutoCloseable {

    private static final long SMALL_GRAIN = 512;
    private static final long LARGE_GRAIN = 2 << 20;

    private final CudaDevice device;
    private final Map<Long, Long> sizes = new HashMap<>();
    private final NavigableMap<Long, Deque<Long>> cached = new TreeMap<>();
    private long held;
    private long peak;

    DeviceMemory(CudaDevice device) {
        this.device = device;
    }

    /**
     * Memory of at least {@code bytes}, not zeroed.
     *
     * @param what what it is for, for the message
     * @throws DeviceOutOfMemoryException when the device has not enough, even without what is cached
     */
    long allocate(String what, long bytes) {
        return device.call(() -> {
            long size = rounded(bytes);
            long address = fromCache(size);
            if (address == 0) {
                address = fromDriver(size);
            }
            if (address == 0) {
                trim();
                address = fromDriver(size);
            }
            if (address == 0) {
                throw new DeviceOutOfMemoryException(what, bytes, device.memory()[0], held);
            }
            return address;
        });
    }

    /** {@link #allocate}, counted as held. */
    long take(String what, long bytes) {
        long address = allocate(what, bytes);
        count(size(address));
        return address;
    }

    /** Gives back what was taken with {@link #take}. */
    void release(long address) {
        count(-size(address));
        free(address);
    }

    /** Gives memory back. */
    void free(long address) {
        device.run(() ->
                cached.computeIfAbsent(size(address), _ -> new ArrayDeque<>()).push(address));
    }

    /** Bytes of the block at {@code address}. */
    long size(long address) {
        Long size = sizes.get(address);
        if (size == null) {
            throw new IllegalArgumentException("address: " + address + " (expected: one of this device's blocks)");
        }
        return size;
    }

    /** Counts bytes that a workspace took (or, negative, gave back). */
    void count(long bytes) {
        device.run(() -> {
            held += bytes;
            peak = Math.max(peak, held);
        });
    }

    /** Bytes that open workspaces hold. */
    long held() {
        return device.call(() -> held);
    }

    /** The most bytes that open workspaces ever held at once. */
    long peak() {
        return device.call(() -> peak);
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
        return address;
    }

    private long fromDriver(long size) {
        Driver.Allocation allocation = new Driver.Allocation();
        int result = JCudaDriver.cuMemAlloc(allocation, size);
        if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
            return 0;
        }
        Driver.check("cuMemAlloc", result);
        sizes.put(allocation.address(), size);
        return allocation.address();
    }

    /** Gives everything cached back to the driver. */
    private void trim() {
        device.synchronize();
        for (Deque<Long> blocks : cached.values()) {
            for (long address : blocks) {
                Driver.check("cuMemFree", JCudaDriver.cuMemFree(Driver.device(address)));
                sizes.remove(address);
            }
        }
        cached.clear();
    }

    @Override
    public void close() {
        device.run(this::trim);
    }
}
