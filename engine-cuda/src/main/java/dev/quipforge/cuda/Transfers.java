package dev.quipforge.cuda;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.quipforge.engine.compute.HostMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jcuda.driver.CUDA_MEMCPY2D;
import jcuda.driver.CUmemorytype;
import jcuda.driver.JCudaDriver;

/** Copies between the host and a device, and on the device; those to the host wait for the device. */
final class Transfers {

    private final CudaDevice device;

    Transfers(CudaDevice device) {
        this.device = device;
    }

    /** {@code target} = {@code source}, same shape. */
    void upload(HostMatrix source, DeviceMatrix target) {
        if (source.data().isNative()) {
            transfer(source, target, true);
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            transfer(onNativeMemory(arena, source), target, true);
        }
    }

    /** {@code target} = {@code source}, same shape. */
    void download(DeviceMatrix source, HostMatrix target) {
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
    void copy(DeviceMatrix source, DeviceMatrix target) {
        if (source.contiguous() && target.contiguous()) {
            device.run(() -> Driver.check(
                    "cuMemcpyDtoDAsync",
                    JCudaDriver.cuMemcpyDtoDAsync(
                            Driver.device(target.address()),
                            Driver.device(source.address()),
                            source.size() * Float.BYTES,
                            device.stream())));
        } else if (source.size() > 0) {
            CUDA_MEMCPY2D copy = shape(source.rows(), source.columns());
            from(copy, source);
            to(copy, target);
            start(copy);
        }
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
    void upload(MemorySegment source, long target) {
        if (source.byteSize() == 0) {
            return;
        }
        device.run(() -> Driver.check(
                "cuMemcpyHtoDAsync",
                JCudaDriver.cuMemcpyHtoDAsync(
                        Driver.device(target), Driver.host(source.address()), source.byteSize(), device.stream())));
        device.synchronize();
    }

    /** Copies integers to a device address. */
    void upload(int[] source, long target) {
        try (Arena arena = Arena.ofConfined()) {
            upload(arena.allocateFrom(JAVA_INT, source), target);
        }
    }

    /** Integers from a device address. */
    int[] integers(long source, int count) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment host = arena.allocate(JAVA_INT, count);
            download(source, host);
            return host.toArray(JAVA_INT);
        }
    }

    /** Double precision numbers from a device address. */
    double[] doubles(long source, int count) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment host = arena.allocate(JAVA_DOUBLE, count);
            download(source, host);
            return host.toArray(JAVA_DOUBLE);
        }
    }

    private void download(long source, MemorySegment target) {
        if (target.byteSize() == 0) {
            return;
        }
        device.run(() -> Driver.check(
                "cuMemcpyDtoHAsync",
                JCudaDriver.cuMemcpyDtoHAsync(
                        Driver.host(target.address()), Driver.device(source), target.byteSize(), device.stream())));
        device.synchronize();
    }

    /** Zeroes memory of the device. */
    void clear(long address, long bytes) {
        if (bytes > 0) {
            device.run(() -> Driver.check(
                    "cuMemsetD8Async",
                    JCudaDriver.cuMemsetD8Async(Driver.device(address), (byte) 0, bytes, device.stream())));
        }
    }
}
