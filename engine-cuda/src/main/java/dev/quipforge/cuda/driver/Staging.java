package dev.quipforge.cuda.driver;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.JCudaDriver;

/**
 * Pinned memory of the host through which everything passes on its way to or from a device: the card reads it at the full
 * speed of its link, and while it reads one buffer the next is filled, from a mapped file as well. A source may change as
 * soon as its upload returns; the copy itself is only queued.
 */
@SuppressWarnings("restricted") // memory of the driver, at an address it gave
public final class Staging implements AutoCloseable {

    /** Bytes of one buffer. */
    public static final long BYTES = 16L << 20;

    private static final int BUFFERS = 3;

    private final CudaDevice device;
    private final List<Buffer> buffers = new ArrayList<>();
    private int turn;

    Staging(CudaDevice device) {
        this.device = device;
    }

    private record Buffer(Driver.HostAllocation allocation, MemorySegment memory, CUevent done) {

        static Buffer allocate() {
            Driver.HostAllocation allocation = new Driver.HostAllocation();
            Driver.check("cuMemAllocHost", JCudaDriver.cuMemAllocHost(allocation, BYTES));
            CUevent done = new CUevent();
            Driver.check("cuEventCreate", JCudaDriver.cuEventCreate(done, CUevent_flags.CU_EVENT_DISABLE_TIMING));
            MemorySegment memory = MemorySegment.ofAddress(allocation.address()).reinterpret(BYTES);
            return new Buffer(allocation, memory, done);
        }

        void await() {
            Driver.check("cuEventSynchronize", JCudaDriver.cuEventSynchronize(done));
        }
    }

    /** The next buffer, free to be used. */
    private Buffer next() {
        if (buffers.size() < BUFFERS) {
            buffers.add(Buffer.allocate());
        }
        Buffer buffer = buffers.get(turn);
        turn = (turn + 1) % BUFFERS;
        buffer.await();
        return buffer;
    }

    /** Queues a copy of all of {@code source} to a device address. */
    void upload(MemorySegment source, long target) {
        device.run(() -> {
            for (long from = 0; from < source.byteSize(); from += BYTES) {
                long bytes = Math.min(BYTES, source.byteSize() - from);
                Buffer buffer = next();
                MemorySegment.copy(source, from, buffer.memory, 0, bytes);
                Driver.check(
                        "cuMemcpyHtoDAsync",
                        JCudaDriver.cuMemcpyHtoDAsync(
                                Driver.device(target + from), buffer.allocation, bytes, device.stream()));
                Driver.check("cuEventRecord", JCudaDriver.cuEventRecord(buffer.done, device.stream()));
            }
        });
    }

    /** Copies from a device address to all of {@code target}, and waits for it. */
    void download(long source, MemorySegment target) {
        device.run(() -> {
            Buffer last = null;
            long lastFrom = 0;
            for (long from = 0; from < target.byteSize(); from += BYTES) {
                Buffer buffer = next();
                long bytes = Math.min(BYTES, target.byteSize() - from);
                Driver.check(
                        "cuMemcpyDtoHAsync",
                        JCudaDriver.cuMemcpyDtoHAsync(
                                buffer.allocation, Driver.device(source + from), bytes, device.stream()));
                Driver.check("cuEventRecord", JCudaDriver.cuEventRecord(buffer.done, device.stream()));
                if (last != null) {
                    take(last, lastFrom, target);
                }
                last = buffer;
                lastFrom = from;
            }
            if (last != null) {
                take(last, lastFrom, target);
            }
        });
    }

    private static void take(Buffer buffer, long from, MemorySegment target) {
        buffer.await();
        MemorySegment.copy(buffer.memory, 0, target, from, Math.min(BYTES, target.byteSize() - from));
    }

    @Override
    public void close() {
        device.run(() -> {
            for (Buffer buffer : buffers) {
                JCudaDriver.cuEventDestroy(buffer.done);
                JCudaDriver.cuMemFreeHost(buffer.allocation);
            }
            buffers.clear();
        });
    }
}
