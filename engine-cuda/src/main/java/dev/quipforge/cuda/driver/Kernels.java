package dev.quipforge.cuda.driver;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/**
 * Our kernels on one device. Their PTX is a resource; the driver compiles it for the device when a kernel is first
 * asked for, and keeps the result in its own cache.
 */
public final class Kernels implements AutoCloseable {

    /** Where the resources are that {@code build-ptx.sh} writes. */
    private static final String PTX = "/dev/quipforge/cuda/ptx/";

    /** Dynamic shared memory that no kernel has to ask for: 48 KiB, less what it declares itself, which is at most 16. */
    private static final int UNASKED_SHARED_BYTES = 32 << 10;

    private final CudaDevice device;
    private final Map<String, Module> modules = new HashMap<>();
    private final Map<String, Kernel> kernels = new HashMap<>();
    private final Map<String, Integer> sharedBytes = new HashMap<>();
    private final Map<String, Integer> residents = new HashMap<>();

    /**
     * Loads no kernel yet.
     *
     * @param device where they run
     */
    public Kernels(CudaDevice device) {
        this.device = device;
    }

    private record Module(CUmodule handle, Map<String, KernelSignature> signatures) {}

    private record Kernel(CUfunction function, KernelSignature signature) {}

    /**
     * Queues a kernel.
     *
     * @param module name of the source, without its ending
     * @param function name of the kernel in it
     * @param arguments in order; {@link Long} for addresses and 64-bit integers, {@link Integer}, {@link Float}; a {@link
     *     DeviceMatrix} stands for its address and its stride
     * @throws IllegalArgumentException when they are not what the kernel declares
     */
    public void launch(String module, String function, Launch launch, Object... arguments) {
        device.run(() -> {
            Kernel kernel = kernel(module, function);
            Object[] numbers = numbers(arguments);
            kernel.signature.require(numbers);
            Pointer[] pointers = Arrays.stream(numbers).map(Kernels::pointer).toArray(Pointer[]::new);
            allowShared(module + "." + function, kernel.function, launch.sharedBytes());
            Driver.check(
                    "launch of " + module + "." + function + " with " + launch,
                    JCudaDriver.cuLaunchKernel(
                            kernel.function,
                            launch.gridX(),
                            launch.gridY(),
                            launch.gridZ(),
                            launch.blockX(),
                            launch.blockY(),
                            1,
                            launch.sharedBytes(),
                            device.stream(),
                            Pointer.to(pointers),
                            null));
        });
    }

    /** Blocks of a kernel that one multiprocessor holds at once; at least one. */
    public int resident(String module, String function, int threads, int shared) {
        String name = module + "." + function;
        return device.call(() -> residents.computeIfAbsent(name + " " + threads + " " + shared, _ -> {
            CUfunction kernel = kernel(module, function).function;
            allowShared(name, kernel, shared);
            int[] blocks = new int[1];
            Driver.check(
                    "occupancy of " + name,
                    JCudaDriver.cuOccupancyMaxActiveBlocksPerMultiprocessor(blocks, kernel, threads, shared));
            return Math.max(1, blocks[0]);
        }));
    }

    /** The arguments with the address and the stride of each matrix in its place. */
    static Object[] numbers(Object... arguments) {
        List<Object> numbers = new ArrayList<>(2 * arguments.length);
        for (Object argument : arguments) {
            if (argument instanceof DeviceMatrix matrix) {
                numbers.add(matrix.address());
                numbers.add((long) matrix.stride());
            } else {
                numbers.add(argument);
            }
        }
        return numbers.toArray();
    }

    private static Pointer pointer(Object argument) {
        return switch (argument) {
            case Long number -> Pointer.to(new long[] {number});
            case Integer number -> Pointer.to(new int[] {number});
            case Float number -> Pointer.to(new float[] {number});
            default ->
                throw new IllegalArgumentException(
                        "kernel argument: " + argument + " (expected: a long, an int or a float)");
        };
    }

    private Kernel kernel(String module, String name) {
        return kernels.computeIfAbsent(module + "." + name, full -> {
            CUfunction function = new CUfunction();
            Module loaded = modules.computeIfAbsent(module, this::load);
            Driver.check("cuModuleGetFunction " + full, JCudaDriver.cuModuleGetFunction(function, loaded.handle, name));
            return new Kernel(function, Objects.requireNonNull(loaded.signatures.get(name), full));
        });
    }

    private void allowShared(String name, CUfunction kernel, int bytes) {
        if (bytes > UNASKED_SHARED_BYTES && bytes > sharedBytes.getOrDefault(name, 0)) {
            Driver.check(
                    "shared memory of " + name + ": " + bytes + " bytes",
                    JCudaDriver.cuFuncSetAttribute(
                            kernel, CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, bytes));
            sharedBytes.put(name, bytes);
        }
    }

    private Module load(String name) {
        byte[] text = text(name);
        CUmodule module = new CUmodule();
        Driver.check("cuModuleLoadData " + name, JCudaDriver.cuModuleLoadData(module, text));
        return new Module(module, KernelSignature.ofModule(name, new String(text, StandardCharsets.US_ASCII)));
    }

    /** The PTX, ended by a zero as the driver wants it. */
    static byte[] text(String name) {
        try (InputStream resource = Kernels.class.getResourceAsStream(PTX + name + ".ptx")) {
            if (resource == null) {
                throw new CudaException("kernels " + name + ": no PTX resource of this name");
            }
            byte[] bytes = resource.readAllBytes();
            return Arrays.copyOf(bytes, bytes.length + 1);
        } catch (IOException e) {
            throw new CudaException("kernels " + name + ": the PTX resource cannot be read", e);
        }
    }

    @Override
    public void close() {
        device.run(() -> modules.values().forEach(module -> JCudaDriver.cuModuleUnload(module.handle)));
    }
}
