package dev.quipforge.cuda;

import dev.quipforge.cuda.driver.CudaDevice;
import dev.quipforge.cuda.driver.DeviceIntMatrix;
import dev.quipforge.cuda.driver.DeviceMatrix;
import dev.quipforge.cuda.driver.DeviceMemory;
import dev.quipforge.cuda.driver.Kernels;
import dev.quipforge.cuda.driver.Transfers;
import dev.quipforge.cuda.library.Cublas;
import dev.quipforge.cuda.library.Cusolver;
import dev.quipforge.cuda.library.TensorProducts;
import dev.quipforge.cuda.ops.CudaCodebookOps;
import dev.quipforge.cuda.ops.CudaDecodeOps;
import dev.quipforge.cuda.ops.CudaDenseOps;
import dev.quipforge.cuda.ops.CudaFactorOps;
import dev.quipforge.cuda.ops.CudaGradientOps;
import dev.quipforge.cuda.ops.CudaHadamardOps;
import dev.quipforge.cuda.ops.CudaPackedOps;
import dev.quipforge.cuda.ops.CudaTransformerOps;
import dev.quipforge.cuda.ops.CudaTrellisOps;
import dev.quipforge.cuda.ops.DeviceTables;
import dev.quipforge.cuda.ops.HostDetour;
import dev.quipforge.engine.compute.CodebookOps;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.DecodeOps;
import dev.quipforge.engine.compute.DenseOps;
import dev.quipforge.engine.compute.DeviceProfiler;
import dev.quipforge.engine.compute.FactorOps;
import dev.quipforge.engine.compute.FloatFormat;
import dev.quipforge.engine.compute.GradientOps;
import dev.quipforge.engine.compute.HadamardOps;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.PackedOps;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.TransformerOps;
import dev.quipforge.engine.compute.TrellisOps;
import dev.quipforge.engine.compute.Workspace;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** One GPU. */
final class CudaBackend implements ComputeBackend {

    private final CudaDevice device;
    private final DeviceMemory memory;
    private final Transfers transfers;
    private final Kernels kernels;
    private final Cublas cublas;
    private final Cusolver cusolver;
    private final FileFormats formats;
    private final HostDetour detour;
    private final CudaDenseOps dense;
    private final CudaHadamardOps hadamard;
    private final CudaFactorOps factor;
    private final CudaCodebookOps codebook;
    private final CudaTrellisOps trellis;
    private final CudaPackedOps packed;
    private final CudaTransformerOps transformer;
    private final CudaDecodeOps decode;
    private final CudaGradientOps gradient;

    CudaBackend(CudaDevice device) {
        this.device = device;
        memory = new DeviceMemory(device);
        transfers = new Transfers(device);
        kernels = new Kernels(device);
        cublas = new Cublas(device);
        cusolver = new Cusolver(device);
        formats = new FileFormats(kernels, memory, transfers);
        detour = new HostDetour(transfers);
        dense = new CudaDenseOps(kernels, cublas, memory, transfers);
        hadamard = new CudaHadamardOps(device, kernels, cublas, memory, transfers);
        factor = new CudaFactorOps(device, kernels, cusolver, memory, transfers);
        DeviceTables tables = new DeviceTables(device, memory, transfers);
        codebook = new CudaCodebookOps(device, kernels, memory, transfers, tables, detour);
        trellis = new CudaTrellisOps(device, kernels, memory, transfers, tables);
        packed = new CudaPackedOps(device, kernels, memory, transfers, tables);
        transformer =
                new CudaTransformerOps(device, kernels, new TensorProducts(kernels, cublas, memory), memory, transfers);
        decode = new CudaDecodeOps(kernels, memory);
        gradient = new CudaGradientOps(device, kernels, cublas, memory, transfers);
    }

    @Override
    public String name() {
        return "cuda";
    }

    @Override
    public String description() {
        return "%s, compute capability %.1f, %d multiprocessors, %d MiB, driver for CUDA %d.%d, %s"
                .formatted(
                        device.name(),
                        device.capability() / 10.0,
                        device.multiprocessors(),
                        device.memory()[1] >> 20,
                        device.driverVersion() / 1000,
                        device.driverVersion() % 1000 / 10,
                        cublas.version());
    }

    @Override
    public Workspace workspace() {
        return new DeviceWorkspace(memory, transfers);
    }

    @Override
    public void upload(HostMatrix source, Matrix target) {
        Shapes.requireSame("target", target, source);
        transfers.upload(source, DeviceMatrix.require(target));
    }

    @Override
    public void upload(FloatFormat format, MemorySegment elements, Matrix target) {
        Shapes.requireBytes(format, elements.byteSize(), target);
        formats.upload(format, elements, DeviceMatrix.require(target));
    }

    @Override
    public void download(Matrix source, HostMatrix target) {
        Shapes.requireSame("target", target, source);
        transfers.download(DeviceMatrix.require(source), target);
    }

    @Override
    public int[] download(IntMatrix source) {
        DeviceIntMatrix integers = DeviceIntMatrix.require(source);
        return transfers.integers(integers.address(), integers.size());
    }

    @Override
    public long allocatedBytes() {
        return memory.held();
    }

    @Override
    public long peakBytes() {
        return memory.peak();
    }

    @Override
    public void resetPeak() {
        memory.resetPeak();
    }

    @Override
    public DenseOps dense() {
        return dense;
    }

    @Override
    public HadamardOps hadamard() {
        return hadamard;
    }

    @Override
    public FactorOps factor() {
        return factor;
    }

    @Override
    public CodebookOps codebook() {
        return codebook;
    }

    @Override
    public TrellisOps trellis() {
        return trellis;
    }

    @Override
    public PackedOps packed() {
        return packed;
    }

    @Override
    public DecodeOps decode() {
        return decode;
    }

    @Override
    public TransformerOps transformer() {
        return transformer;
    }

    @Override
    public GradientOps gradient() {
        return gradient;
    }

    @Override
    public Optional<DeviceProfiler> profiler() {
        return Optional.of(new CudaProfiler(device, memory, transfers, cublas, hadamard));
    }

    /** The device below, for measurements. */
    CudaDevice device() {
        return device;
    }

    /** cuBLAS on it, for measurements. */
    Cublas cublas() {
        return cublas;
    }

    /** The memory of its buffers, for measurements. */
    DeviceMemory memory() {
        return memory;
    }

    /** Our kernels on it, for measurements. */
    Kernels kernels() {
        return kernels;
    }

    @Override
    public void close() {
        device.synchronize();
        detour.close();
        cusolver.close();
        cublas.close();
        kernels.close();
        transfers.close();
        memory.close();
        device.close();
    }
}
