package dev.quipforge.cuda.driver;

import dev.quipforge.engine.compute.BackendUnavailableException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/**
 * One GPU: its primary context and one stream, on which everything runs in the order in which it was asked for.
 *
 * <p>{@link #call} makes the context current and keeps other threads out: the handles of the libraries and the pool of
 * memory are not safe for several threads, and one stream has no use for them.
 */
public final class CudaDevice implements MemorySource, AutoCloseable {

    /** Compute capability that our portable PTX asks for, times ten. */
    private static final int LEAST_CAPABILITY = 80;

    private static final String DRIVER = "libcuda.so.1";

    private final ReentrantLock lock = new ReentrantLock();
    private final CUdevice device;
    private final CUcontext context = new CUcontext();
    private final Driver.Stream stream = new Driver.Stream();
    private final String name;
    private final int capability;
    private final int driverVersion;

    private CudaDevice(CUdevice device, String name, int capability, int driverVersion) {
        this.device = device;
        this.name = name;
        this.capability = capability;
        this.driverVersion = driverVersion;
        Driver.check("cuDevicePrimaryCtxRetain", JCudaDriver.cuDevicePrimaryCtxRetain(context, device));
        run(() -> Driver.check(
                "cuStreamCreate", JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING)));
    }

    /**
     * Opens the GPU of this number.
     *
     * @throws BackendUnavailableException with the reason, when there is none that we can use
     */
    public static CudaDevice open(int ordinal) {
        int count = count();
        if (ordinal >= count) {
            throw unavailable("there is no GPU of number " + ordinal + " (found: " + count + ")");
        }
        int[] version = new int[1];
        Driver.check("cuDriverGetVersion", JCudaDriver.cuDriverGetVersion(version));
        CUdevice device = new CUdevice();
        Driver.check("cuDeviceGet", JCudaDriver.cuDeviceGet(device, ordinal));
        String name = name(device);
        int capability = attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR) * 10
                + attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
        if (capability < LEAST_CAPABILITY) {
            throw unavailable(name + " has compute capability " + capability / 10.0 + " (expected: at least 8.0)");
        }
        return new CudaDevice(device, name, capability, version[0]);
    }

    /**
     * Number of GPUs.
     *
     * @throws BackendUnavailableException with the reason, when there is no driver or it does not start
     */
    public static int count() {
        requireDriver();
        int[] count = new int[1];
        try {
            JCudaDriver.setExceptionsEnabled(false);
            int result = JCudaDriver.cuInit(0);
            if (result != CUresult.CUDA_SUCCESS) {
                throw unavailable("the driver does not start: " + CUresult.stringFor(result));
            }
            Driver.check("cuDeviceGetCount", JCudaDriver.cuDeviceGetCount(count));
        } catch (UnsatisfiedLinkError | ExceptionInInitializerError | NoClassDefFoundError e) {
            throw new BackendUnavailableException("cuda", "JCuda's native library cannot be loaded here: " + e, e);
        }
        return count[0];
    }

    /** Before JCuda unpacks its own native library: without a driver that is of no use. */
    @SuppressWarnings("restricted") // only a look-up
    private static void requireDriver() {
        try (Arena arena = Arena.ofConfined()) {
            SymbolLookup.libraryLookup(DRIVER, arena);
        } catch (IllegalArgumentException e) {
            throw new BackendUnavailableException(
                    "cuda", "there is no NVIDIA driver here (" + DRIVER + " is not on the library path)", e);
        }
    }

    private static BackendUnavailableException unavailable(String reason) {
        return new BackendUnavailableException("cuda", reason);
    }

    private static String name(CUdevice device) {
        byte[] bytes = new byte[256];
        Driver.check("cuDeviceGetName", JCudaDriver.cuDeviceGetName(bytes, bytes.length, device));
        String text = new String(bytes, StandardCharsets.US_ASCII);
        return text.substring(0, text.indexOf('\0'));
    }

    private static int attribute(CUdevice device, int attribute) {
        int[] value = new int[1];
        Driver.check("cuDeviceGetAttribute", JCudaDriver.cuDeviceGetAttribute(value, attribute, device));
        return value[0];
    }

    /** Product name. */
    public String name() {
        return name;
    }

    /** Compute capability times ten: 80, 90. */
    public int capability() {
        return capability;
    }

    /** CUDA version of the driver, as 1000 · major + 10 · minor. */
    public int driverVersion() {
        return driverVersion;
    }

    /** Number of streaming multiprocessors. */
    public int multiprocessors() {
        return attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
    }

    /** The most shared memory that one block can ask for, in bytes. */
    public int sharedBytesPerBlock() {
        return attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
    }

    /** Free and total memory, in bytes. */
    public long[] memory() {
        return call(() -> {
            long[] free = new long[1];
            long[] total = new long[1];
            Driver.check("cuMemGetInfo", JCudaDriver.cuMemGetInfo(free, total));
            return new long[] {free[0], total[0]};
        });
    }

    @Override
    public long freeBytes() {
        return memory()[0];
    }

    @Override
    public long allocate(long bytes) {
        return call(() -> {
            Driver.Allocation allocation = new Driver.Allocation();
            int result = JCudaDriver.cuMemAlloc(allocation, bytes);
            if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
                return 0L;
            }
            Driver.check("cuMemAlloc", result);
            return allocation.address();
        });
    }

    @Override
    public void free(long address) {
        run(() -> Driver.check("cuMemFree", JCudaDriver.cuMemFree(Driver.device(address))));
    }

    /** The stream of all work. */
    public Driver.Stream stream() {
        return stream;
    }

    /** Waits until all work is done. */
    @Override
    public void synchronize() {
        run(() -> Driver.check("cuStreamSynchronize", JCudaDriver.cuStreamSynchronize(stream)));
    }

    /** Runs {@code work} with this device's context, alone. */
    @Override
    public void run(Runnable work) {
        call(() -> {
            work.run();
            return true;
        });
    }

    /** Computes {@code work} with this device's context, alone. */
    @Override
    public <T> T call(Supplier<T> work) {
        lock.lock();
        try {
            Driver.check("cuCtxSetCurrent", JCudaDriver.cuCtxSetCurrent(context));
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        synchronize();
        run(() -> JCudaDriver.cuStreamDestroy(stream));
        JCudaDriver.cuDevicePrimaryCtxRelease(device);
    }
}
