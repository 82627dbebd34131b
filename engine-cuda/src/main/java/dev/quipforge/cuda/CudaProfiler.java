package dev.quipforge.cuda;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.quipforge.cuda.driver.CudaDevice;
import dev.quipforge.cuda.driver.DeviceMatrix;
import dev.quipforge.cuda.driver.DeviceMemory;
import dev.quipforge.cuda.driver.Driver;
import dev.quipforge.cuda.driver.Scratch;
import dev.quipforge.cuda.driver.Transfers;
import dev.quipforge.cuda.library.Cublas;
import dev.quipforge.cuda.library.HalfMatrix;
import dev.quipforge.cuda.ops.CudaHadamardOps;
import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.engine.compute.DeviceProfiler;
import dev.quipforge.engine.hadamard.Hadamard;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Function;
import jcuda.driver.CUevent;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;

/** {@link DeviceProfiler} of a GPU: calls are recorded as a CUDA graph and timed by events. */
final class CudaProfiler implements DeviceProfiler {

    private static final int FEWEST_ROUNDS = 5;
    private static final int MOST_ROUNDS = 10_000;
    private static final double NANO = 1e-9;
    private static final double MILLI = 1e-3;

    /** Random numbers that all operands repeat. */
    private static final int DRAWS = 1 << 20;

    private final CudaDevice device;
    private final DeviceMemory memory;
    private final Transfers transfers;
    private final Cublas cublas;
    private final CudaHadamardOps hadamard;

    CudaProfiler(CudaDevice device, DeviceMemory memory, Transfers transfers, Cublas cublas, CudaHadamardOps hadamard) {
        this.device = device;
        this.memory = memory;
        this.transfers = transfers;
        this.cublas = cublas;
        this.hadamard = hadamard;
    }

    @Override
    public double seconds(Runnable work, int calls, double span) {
        return device.call(() -> {
            CUgraphExec graph = recorded(work, calls);
            CUevent before = event();
            CUevent after = event();
            try {
                warm(graph, span);
                return median(graph, before, after, span) / calls;
            } finally {
                JCudaDriver.cuEventDestroy(before);
                JCudaDriver.cuEventDestroy(after);
                JCudaDriver.cuGraphExecDestroy(graph);
            }
        });
    }

    private CUgraphExec recorded(Runnable work, int calls) {
        CUgraph graph = new CUgraph();
        Driver.check(
                "cuStreamBeginCapture",
                JCudaDriver.cuStreamBeginCapture(
                        device.stream(), CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
        try {
            for (int i = 0; i < calls; i++) {
                work.run();
            }
        } finally {
            Driver.check("cuStreamEndCapture", JCudaDriver.cuStreamEndCapture(device.stream(), graph));
        }
        CUgraphExec executable = new CUgraphExec();
        Driver.check("cuGraphInstantiate", JCudaDriver.cuGraphInstantiate(executable, graph, 0));
        JCudaDriver.cuGraphDestroy(graph);
        return executable;
    }

    private static CUevent event() {
        CUevent event = new CUevent();
        Driver.check("cuEventCreate", JCudaDriver.cuEventCreate(event, 0));
        return event;
    }

    /** An idle card's clocks are low. */
    private void warm(CUgraphExec graph, double span) {
        long start = System.nanoTime();
        do {
            launch(graph);
            device.synchronize();
        } while ((System.nanoTime() - start) * NANO < span);
    }

    private double median(CUgraphExec graph, CUevent before, CUevent after, double span) {
        double[] seconds = new double[MOST_ROUNDS];
        int rounds = 0;
        long start = System.nanoTime();
        while (rounds < FEWEST_ROUNDS || ((System.nanoTime() - start) * NANO < span && rounds < MOST_ROUNDS)) {
            Driver.check("cuEventRecord", JCudaDriver.cuEventRecord(before, device.stream()));
            launch(graph);
            Driver.check("cuEventRecord", JCudaDriver.cuEventRecord(after, device.stream()));
            Driver.check("cuEventSynchronize", JCudaDriver.cuEventSynchronize(after));
            float[] milliseconds = new float[1];
            Driver.check("cuEventElapsedTime", JCudaDriver.cuEventElapsedTime(milliseconds, before, after));
            seconds[rounds++] = milliseconds[0] * MILLI;
        }
        Arrays.sort(seconds, 0, rounds);
        return seconds[rounds / 2];
    }

    private void launch(CUgraphExec graph) {
        Driver.check("cuGraphLaunch", JCudaDriver.cuGraphLaunch(graph, device.stream()));
    }

    @Override
    public Baseline product(int rows, int columns, int depth) {
        return held(scratch -> {
            long left = random(scratch, (long) rows * depth, false);
            long right = random(scratch, (long) columns * depth, false);
            long result = scratch.bytes("product", (long) rows * columns * Float.BYTES);
            HalfMatrix a = new HalfMatrix(left, rows, depth, depth);
            HalfMatrix b = new HalfMatrix(right, columns, depth, depth);
            DeviceMatrix product = new DeviceMatrix(result, rows, columns, columns);
            return () -> cublas.multiplyTransposed(a, b, product);
        });
    }

    @Override
    public Baseline vectorProduct(int rows, int columns, int matrices) {
        return held(scratch -> {
            long size = (long) rows * columns;
            long all = random(scratch, size * matrices, true);
            long vector = random(scratch, columns, true);
            long result = scratch.bytes("product", (long) rows * Short.BYTES);
            int[] turn = {0};
            return () -> cublas.multiplyVector(
                    vector, all + turn[0]++ % matrices * size * Short.BYTES, rows, columns, result);
        });
    }

    @Override
    public Baseline copy(long bytes) {
        return held(scratch -> {
            long from = random(scratch, bytes / Short.BYTES, true);
            long to = scratch.bytes("copy", bytes);
            return () -> transfers.copy(from, to, bytes / Short.BYTES * Short.BYTES);
        });
    }

    @Override
    public Baseline transformRows(Hadamard transform, int rows) {
        return held(scratch -> {
            int order = transform.order();
            long address = random(scratch, (long) rows * order, true);
            return () -> hadamard.transformHalves(transform, false, CudaHadamardOps.Half.FP16, rows, address, order);
        });
    }

    /** The call that {@code preparation} makes on memory of a new scratch. */
    private Baseline held(Function<Scratch, Runnable> preparation) {
        Scratch scratch = new Scratch(memory);
        try (CloseOnFailure opened = new CloseOnFailure(scratch::close)) {
            return opened.keep(new Held(preparation.apply(scratch), scratch));
        }
    }

    private record Held(Runnable call, Scratch scratch) implements Baseline {

        @Override
        public void run() {
            call.run();
        }

        @Override
        public void close() {
            scratch.close();
        }
    }

    /** 16-bit draws of N(0, 1), the same ones again and again. */
    private long random(Scratch scratch, long count, boolean half) {
        long address = scratch.bytes("random numbers", Math.max(DRAWS, count) * Short.BYTES);
        SplittableRandom random = new SplittableRandom(count);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment draws = arena.allocate(JAVA_SHORT, DRAWS);
            for (int i = 0; i < DRAWS; i++) {
                float draw = (float) random.nextGaussian();
                int bits = half ? Float.floatToFloat16(draw) : Float.floatToIntBits(draw) >>> Short.SIZE;
                draws.setAtIndex(JAVA_SHORT, i, (short) bits);
            }
            transfers.upload(draws, address);
        }
        for (long filled = DRAWS; filled < count; filled *= 2) {
            long more = Math.min(filled, count - filled);
            transfers.copy(address, address + filled * Short.BYTES, more * Short.BYTES);
        }
        return address;
    }
}
