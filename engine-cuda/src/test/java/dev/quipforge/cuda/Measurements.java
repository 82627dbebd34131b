package dev.quipforge.cuda;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.incoherence.Hadamard;
import dev.quipforge.engine.trellis.Pair;
import dev.quipforge.engine.trellis.TailBiting;
import dev.quipforge.engine.trellis.Trellis;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import jcuda.driver.CUevent;
import jcuda.driver.JCudaDriver;

/** Speeds of the CUDA backend, medians by events, beside the card's own ceilings of the same run. */
final class Measurements {

    private static final long WARM_UP = 200_000_000;

    private final CudaBackend backend;

    private Measurements(CudaBackend backend) {
        this.backend = backend;
    }

    public static void main(String[] arguments) {
        try (CudaBackend backend = (CudaBackend) new CudaBackendProvider().open()) {
            System.out.println(backend.description());
            Measurements measurements = new Measurements(backend);
            List<String> chosen = arguments.length == 0
                    ? List.of("viterbi", "hadamard", "halves", "products", "attention")
                    : List.of(arguments);
            chosen.forEach(measurements::measure);
        }
    }

    private void measure(String what) {
        switch (what) {
            case "viterbi" -> viterbi();
            case "hadamard" -> hadamard();
            case "halves" -> halves();
            case "products" -> products();
            case "attention" -> attention();
            default -> throw new IllegalArgumentException("measurement: " + what);
        }
    }

    private void viterbi() {
        int multiprocessors = backend.device().multiprocessors();
        List<Trellis> trellises = List.of(
                Trellis.of("3inst", 16, 2),
                Trellis.of("3inst", 16, 3),
                Trellis.of("3inst", 16, 4),
                Trellis.of("hyb", 16, 2),
                new Trellis(new Pair(), 16, 2));
        for (Trellis trellis : trellises) {
            for (int count : new int[] {256, 896, multiprocessors * 8}) {
                for (TailBiting tailBiting : TailBiting.values()) {
                    viterbi(trellis, tailBiting, count, trellis.rms() * 0.96);
                }
            }
        }
    }

    private void viterbi(Trellis trellis, TailBiting tailBiting, int count, double deviation) {
        try (Arena arena = Arena.ofConfined();
                Workspace workspace = backend.workspace()) {
            HostMatrix host = gaussian(arena, count, 256);
            Matrix sequences = workspace.copyOf(host);
            backend.dense().scale(sequences, (float) deviation);
            IntMatrix states = workspace.integers(count, 256 / trellis.values());
            Matrix decoded = workspace.matrix(count, 256);
            double ms = median(7, () -> backend.trellis().encode(trellis, tailBiting, sequences, states, decoded));
            backend.dense().add(-1, sequences, decoded);
            double error = backend.dense().innerProduct(decoded, decoded) / (count * 256.0 * deviation * deviation);
            System.out.printf(
                    "viterbi %s bits %d values %d %-5s %5d sequences: %8.3f ms %7.1f Mweights/s  mse %.5f%n",
                    trellis.code().name(),
                    trellis.bits(),
                    trellis.values(),
                    tailBiting,
                    count,
                    ms,
                    count * 256 / ms / 1e3,
                    error);
        }
    }

    private void hadamard() {
        for (int[] shape : new int[][] {{4096, 14336}, {14336, 4096}, {4096, 11008}}) {
            try (Workspace workspace = backend.workspace()) {
                Matrix matrix = workspace.matrix(shape[0], shape[1]);
                Matrix other = workspace.matrix(shape[0], shape[1]);
                backend.dense()
                        .addToDiagonal(
                                matrix.columns(0, Math.min(shape[0], shape[1])).rows(0, Math.min(shape[0], shape[1])),
                                1);
                double bytes = 8.0 * shape[0] * shape[1];
                double copy = median(15, () -> backend.dense().copy(matrix, other));
                Hadamard rows = Hadamard.of(shape[1]);
                Hadamard columns = Hadamard.of(shape[0]);
                double byRows = median(15, () -> backend.hadamard().transformRows(rows, matrix));
                double byColumns = median(15, () -> backend.hadamard().transformColumns(columns, matrix));
                System.out.printf(
                        "hadamard fp32 %d x %d: copy %.3f ms (%.0f GB/s), rows %.3f ms (%.0f %%), columns %.3f ms (%.0f %%)%n",
                        shape[0],
                        shape[1],
                        copy,
                        bytes / copy / 1e6,
                        byRows,
                        100 * copy / byRows,
                        byColumns,
                        100 * copy / byColumns);
            }
        }
    }

    /** 16-bit rows through several matrices in turn, so that none is in the cache when its turn comes. */
    private void halves() {
        CudaHadamardOps hadamard = (CudaHadamardOps) backend.hadamard();
        for (int[] shape : new int[][] {{4096, 14336}, {14336, 4096}, {8192, 8192}, {4096, 28672}, {4096, 5120}}) {
            try (Workspace workspace = backend.workspace()) {
                int copies = 4;
                Matrix memory = workspace.matrix(shape[0] * copies, shape[1] / 2); // two halves a float
                long address = DeviceMatrix.require(memory).address();
                long bytes = 2L * shape[0] * shape[1];
                fillHalves(memory);
                Hadamard transform = Hadamard.of(shape[1]);
                int[] turn = {0};
                double copy = median(41, () -> {
                    int from = turn[0]++ % copies;
                    int to = (from + copies / 2) % copies;
                    backend.dense()
                            .copy(
                                    memory.rows(from * shape[0], (from + 1) * shape[0]),
                                    memory.rows(to * shape[0], (to + 1) * shape[0]));
                });
                for (CudaHadamardOps.Half type : CudaHadamardOps.Half.values()) {
                    double time = median(
                            41,
                            () -> hadamard.transformHalves(
                                    transform, false, type, shape[0], address + turn[0]++ % copies * bytes, shape[1]));
                    System.out.printf(
                            "hadamard %s %d x %d: copy %.4f ms (%.0f GB/s), rows %.4f ms (%.0f %%)%n",
                            type, shape[0], shape[1], copy, 2 * bytes / copy / 1e6, time, 100 * copy / time);
                }
            }
        }
    }

    /** Halves of about ±1, whatever bits of fp16 or bf16 that is. */
    private void fillHalves(Matrix memory) {
        SplittableRandom random = new SplittableRandom(5);
        try (Arena arena = Arena.ofConfined()) {
            HostMatrix some = HostMatrix.allocate(arena, 64, memory.columns());
            for (long i = 0; i < 64L * memory.columns(); i++) {
                int bits = (random.nextInt() & 0x81FF81FF) | 0x3C003C00;
                some.data().setAtIndex(ValueLayout.JAVA_INT, i, bits);
            }
            for (int row = 0; row < memory.rows(); row += 64) {
                backend.upload(some, memory.rows(row, row + 64));
            }
        }
    }

    private void products() {
        for (int[] shape : new int[][] {{8192, 4096}, {4096, 4096}, {4096, 14336}}) {
            gram(shape[0], shape[1]);
        }
        for (int[] shape : new int[][] {
            {4096, 4096, 4096}, {4096, 4096, 1024}, {4096, 4096, 14336}, {4096, 14336, 4096}, {8192, 4096, 14336}
        }) {
            layer(shape[0], shape[1], shape[2]);
        }
        factors(4096);
        factors(14336);
    }

    private void gram(int tokens, int width) {
        try (Workspace workspace = backend.workspace();
                Scratch scratch = new Scratch(backend.memory())) {
            Matrix x = random(workspace, tokens, width);
            Matrix gram = workspace.matrix(width, width);
            HalfMatrix half = tensors().rounded(scratch, DeviceMatrix.require(x));
            double plain =
                    median(15, () -> backend.cublas().multiplyByTransposed(half, half, 0, DeviceMatrix.require(gram)));
            double exact = median(9, () -> backend.dense().addGram(x, gram));
            double rounded = median(15, () -> backend.dense().addActivationGram(x, gram));
            double flops = 2.0 * tokens * width * width;
            System.out.printf(
                    "gram %d x %d: plain bf16 gemm %.3f ms (%.0f Tflop/s), of activations %.3f ms (%.0f %%),"
                            + " precise %.3f ms (%.0f %%)%n",
                    tokens,
                    width,
                    plain,
                    flops / plain / 1e9,
                    rounded,
                    100 * plain / rounded,
                    exact,
                    100 * plain / exact);
        }
    }

    private void layer(int tokens, int inputs, int outputs) {
        try (Workspace workspace = backend.workspace();
                Scratch scratch = new Scratch(backend.memory())) {
            Matrix x = random(workspace, tokens, inputs);
            Matrix weight = random(workspace, outputs, inputs);
            Matrix y = workspace.matrix(tokens, outputs);
            HalfMatrix halfX = tensors().rounded(scratch, DeviceMatrix.require(x));
            HalfMatrix halfWeight = tensors().rounded(scratch, DeviceMatrix.require(weight));
            double plain =
                    median(15, () -> backend.cublas().multiplyTransposed(halfX, halfWeight, DeviceMatrix.require(y)));
            double rounded = median(15, () -> backend.dense().project(x, List.of(weight), List.of(y)));
            double exact = median(5, () -> backend.dense().multiplyTransposed(x, weight, y));
            double flops = 2.0 * tokens * inputs * outputs;
            System.out.printf(
                    "layer %d x %d x %d: plain bf16 gemm %.3f ms (%.0f Tflop/s), project %.3f ms (%.0f %%),"
                            + " fp32 %.3f ms (%.0f Tflop/s)%n",
                    tokens,
                    inputs,
                    outputs,
                    plain,
                    flops / plain / 1e9,
                    rounded,
                    100 * plain / rounded,
                    exact,
                    flops / exact / 1e9);
        }
    }

    private void factors(int width) {
        try (Workspace workspace = backend.workspace()) {
            Matrix x = random(workspace, 1024, width);
            Matrix gram = workspace.matrix(width, width);
            backend.dense().addGram(x, gram);
            backend.dense().addToDiagonal(gram, 1e3f);
            Matrix factor = workspace.matrix(width, width);
            double byCholesky = median(5, () -> {
                backend.dense().copy(gram, factor);
                backend.factor().cholesky(factor);
            });
            double byBlocks = median(5, () -> backend.factor().blockUnitLower(factor, 16));
            System.out.printf("cholesky of %d: %.3f ms; block unit lower: %.3f ms%n", width, byCholesky, byBlocks);
        }
    }

    private TensorProducts tensors() {
        return new TensorProducts(backend.kernels(), backend.cublas(), backend.memory());
    }

    private Matrix random(Workspace workspace, int rows, int columns) {
        Matrix matrix = workspace.matrix(rows, columns);
        try (Arena arena = Arena.ofConfined()) {
            HostMatrix some = gaussian(arena, 64, columns);
            for (int row = 0; row < rows; row += 64) {
                backend.upload(some, matrix.rows(row, row + 64));
            }
        }
        return matrix;
    }

    private void attention() {
        try (Workspace workspace = backend.workspace()) {
            int windows = 4;
            int length = 2048;
            Matrix q = random(workspace, windows * length, 32 * 128);
            Matrix k = random(workspace, windows * length, 8 * 128);
            Matrix v = random(workspace, windows * length, 8 * 128);
            Matrix mixed = workspace.matrix(windows * length, 32 * 128);
            double ms = median(
                    5,
                    () -> backend.transformer()
                            .causalAttention(AttentionGeometry.of(32, 8, 128), q, k, v, windows, mixed));
            System.out.printf(
                    "attention %d x %d tokens, 32 heads of 128: %.3f ms (%.1f Tflop/s)%n",
                    windows, length, ms, 2.0 * windows * length * length * 32 * 128 / ms / 1e9);
        }
    }

    /** Of the mean of enough calls that the time to queue them does not count. */
    private double median(int rounds, Runnable work) {
        long start = System.nanoTime();
        int warm = 0;
        while (System.nanoTime() - start < WARM_UP) { // an idle card's clocks are low
            work.run();
            backend.device().synchronize();
            warm++;
        }
        int calls = Math.clamp(warm / 20, 1, 20);
        double[] times = new double[rounds];
        CUevent before = new CUevent();
        CUevent after = new CUevent();
        return backend.device().call(() -> {
            JCudaDriver.cuEventCreate(before, 0);
            JCudaDriver.cuEventCreate(after, 0);
            for (int i = 0; i < rounds; i++) {
                JCudaDriver.cuEventRecord(before, backend.device().stream());
                for (int call = 0; call < calls; call++) {
                    work.run();
                }
                JCudaDriver.cuEventRecord(after, backend.device().stream());
                Driver.check("measurement", JCudaDriver.cuEventSynchronize(after));
                float[] ms = new float[1];
                JCudaDriver.cuEventElapsedTime(ms, before, after);
                times[i] = ms[0] / calls;
            }
            JCudaDriver.cuEventDestroy(before);
            JCudaDriver.cuEventDestroy(after);
            Arrays.sort(times);
            return times[rounds / 2];
        });
    }

    private static HostMatrix gaussian(Arena arena, int rows, int columns) {
        SplittableRandom random = new SplittableRandom(rows);
        HostMatrix host = HostMatrix.allocate(arena, rows, columns);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                host.set(i, j, (float) random.nextGaussian());
            }
        }
        return host;
    }
}
