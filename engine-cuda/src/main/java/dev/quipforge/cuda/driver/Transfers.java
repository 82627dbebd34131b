package dev.quipforge.cuda.driver;

import dev.quipforge.engine.compute.HostMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jcuda.driver.CUDA_MEMCPY2D;
import jcuda.driver.CUmemorytype;
import jcuda.driver.JCudaDriver;

/** Copies between the host and a device, and on the device; those to the host wait for the device. */
public final class Transfers implements AutoCloseable {

    private final CudaDevice device;
    private final Staging staging;

    /** @param device one end of all copies */
    public Transfers(CudaDevice device) {
        this.device = device;
        this.staging = new Staging(device);
    }

    /** {@code target} = {@code source}, same shape. */
    public void upload(HostMatrix source, DeviceMatrix target) {
        if (source.contiguous() && target.contiguous()) {
            staging.upload(source.data().asSlice(0, target.size() * Float.BYTES), target.address());
            return;
        }
        if (source.data().isNative()) {
            transfer(source, target, true);
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            transfer(onNativeMemory(arena, source), target, true);
        }
    }

    /** {@code target} = {@code source}, same shape. */
    public void download(DeviceMatrix source, HostMatrix target) {
        if (source.contiguous() && target.contiguous()) {
            staging.download(source.address(), target.data().asSlice(0, source.size() * Float.BYTES));
            return;
        }
        if (target.data().isNative()) {
            transfer(target, source, false);
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            HostMatrix copy = onNativeMemory(arena, target);
            transfer(copy, source, false);
            target.data().copyFrom(copy.data());
        }
    }

    private static HostMatrix onNativeMemory(Arena arena, HostMatrix heap) {
        MemorySegment copy = arena.allocate(heap.data().byteSize(), Float.BYTES).copyFrom(heap.data());
        return new HostMatrix(copy, heap.rows(), heap.columns(), heap.stride());
    }

    private void transfer(HostMatrix host, DeviceMatrix matrix, boolean toDevice) {
        if (matrix.size() == 0) {
            return;
        }
        CUDA_MEMCPY2D copy = shape(matrix.rows(), matrix.columns());
        if (toDevice) {
            copy.srcMemoryType = CUmemorytype.CU_MEMORYTYPE_HOST;
            copy.srcHost = Driver.host(host.data().address());
            copy.srcPitch = (long) host.stride() * Float.BYTES;
            to(copy, matrix);
        } else {
            from(copy, matrix);
            copy.dstMemoryType = CUmemorytype.CU_MEMORYTYPE_HOST;
            copy.dstHost = Driver.host(host.data().address());
            copy.dstPitch = (long) host.stride() * Float.BYTES;
        }
        start(copy);
        device.synchronize(); // the host may change or read its memory as soon as this returns
    }

    /** {@code target} = {@code source}, same shape, both on the device. */
    public void copy(DeviceMatrix source, DeviceMatrix target) {
        if (source.contiguous() && target.contiguous()) {
            copy(source.address(), target.address(), source.size() * Float.BYTES);
        } else if (source.size() > 0) {
            CUDA_MEMCPY2D copy = shape(source.rows(), source.columns());
            from(copy, source);
            to(copy, target);
            start(copy);
        }
    }

    /** Copies bytes from one device address to another. */
    public void copy(long source, long target, long bytes) {
        device.run(() -> Driver.check(
                "cuMemcpyDtoDAsync",
                JCudaDriver.cuMemcpyDtoDAsync(Driver.device(target), Driver.device(source), bytes, device.stream())));
    }

    private static CUDA_MEMCPY2D shape(int rows, int columns) {
        CUDA_MEMCPY2D copy = new CUDA_MEMCPY2D();
        copy.WidthInBytes = (long) columns * Float.BYTES;
        copy.Height = rows;
        return copy;
    }

    private static void from(CUDA_MEMCPY2D copy, DeviceMatrix matrix) {
        copy.srcMemoryType = CUmemorytype.CU_MEMORYTYPE_DEVICE;
        copy.srcDevice = Driver.device(matrix.address());
        copy.srcPitch = (long) matrix.stride() * Float.BYTES;
    }

    private static void to(CUDA_MEMCPY2D copy, DeviceMatrix matrix) {
        copy.dstMemoryType = CUmemorytype.CU_MEMORYTYPE_DEVICE;
        copy.dstDevice = Driver.device(matrix.address());
        copy.dstPitch = (long) matrix.stride() * Float.BYTES;
    }

    private void start(CUDA_MEMCPY2D copy) {
        device.run(() -> Driver.check("cuMemcpy2DAsync", JCudaDriver.cuMemcpy2DAsync(copy, device.stream())));
    }

    /** Copies host memory to a device address. */
    public void upload(MemorySegment source, long target) {
        staging.upload(source, target);
    }

    /** Copies integers to a device address. */
    public void upload(int[] source, long target) {
        upload(MemorySegment.ofArray(source), target);
    }

    /** Integers from a device address. */
    public int[] integers(long source, int count) {
        int[] values = new int[count];
        download(source, MemorySegment.ofArray(values));
        return values;
    }

    /** 16-bit integers from a device address. */
    public short[] shorts(long source, int count) {
        short[] values = new short[count];
        download(source, MemorySegment.ofArray(values));
        return values;
    }

    /** Copies 16-bit integers to a device address. */
    public void upload(short[] source, long target) {
        upload(MemorySegment.ofArray(source), target);
    }

    /** Double precision numbers from a device address. */
    public double[] doubles(long source, int count) {
        double[] values = new double[count];
        download(source, MemorySegment.ofArray(values));
        return values;
    }

    private void download(long source, MemorySegment target) {
        staging.download(source, target);
    }

    /** Zeroes memory of the device. */
    public void clear(long address, long bytes) {
        if (bytes > 0) {
            device.run(() -> Driver.check(
                    "cuMemsetD8Async",
                    JCudaDriver.cuMemsetD8Async(Driver.device(address), (byte) 0, bytes, device.stream())));
        }
    }

    @Override
    public void close() {
        staging.close();
    }
}
