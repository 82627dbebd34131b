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
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import jcuda.driver.CUevent;
import jcuda.driver.JCudaDriver;

/** Speeds of the CUDA backend, medians by events, beside the card's own ceilings of the same run. */
final class Measurements {

    private final CudaBackend backend;

    private Measurements(CudaBackend backend) {
        this.backend = backend;
    }

    public static void main(String[] arguments) {
        try (CudaBackend backend = (CudaBackend) new CudaBackendProvider().open()) {
            System.out.println(backend.description());
            Measurements measurements = new Measurements(backend);
            List<String> chosen = arguments.length == 0
                    ? List.of("viterbi", "hadamard", "products", "attention")
                    : List.of(arguments);
            chosen.forEach(measurements::measure);
        }
    }

    private void measure(String what) {
        switch (what) {
            case "viterbi" -> viterbi();
            case "hadamard" -> hadamard();
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
                halves(shape, other, rows);
            }
        }
    }

    private void halves(int[] shape, Matrix memory, Hadamard rows) {
        DeviceMatrix device = DeviceMatrix.require(memory);
        double copy = median(
                15,
                () -> backend.dense()
                        .copy(memory.rows(0, shape[0] / 4), memory.rows(shape[0] / 2, shape[0] / 2 + shape[0] / 4)));
        int k = rows.outer();
        if (k != 1 && k != 28) {
            return;
        }
        long small = k == 1 ? 0 : device.address() + 4L * shape[0] * shape[1] - 4L * k * k;
        int shared = (k * k + shape[1] + shape[1] / 32 + 1) * Float.BYTES;
        double time = median(
                15,
                () -> backend.kernels()
                        .launch(
                                "hadamard_rows",
                                "rows_" + k + "_f16",
                                Launch.line(shape[0], 256, shared),
                                (long) shape[0],
                                k,
                                Integer.numberOfTrailingZeros(rows.inner()),
                                0,
                                0.01f,
                                small,
                                device.address(),
                                (long) shape[1]));
        System.out.printf(
                "hadamard fp16 %d x %d: copy %.3f ms, rows %.3f ms (%.0f %%)%n",
                shape[0], shape[1], 2 * copy, time, 200 * copy / time);
    }

    private void products() {
        try (Arena arena = Arena.ofConfined();
                Workspace workspace = backend.workspace()) {
            int tokens = 8192;
            int width = 4096;
            Matrix x = workspace.matrix(tokens, width);
            HostMatrix some = gaussian(arena, 64, width);
            for (int t = 0; t < tokens; t += 64) {
                backend.upload(some, x.rows(t, t + 64));
            }
            Matrix gram = workspace.matrix(width, width);
            Matrix y = workspace.matrix(tokens, width);
            double flops = 2.0 * tokens * width * width;
            double byGram = median(9, () -> backend.dense().addGram(x, gram));
            double byProduct = median(9, () -> backend.dense().multiplyTransposed(x, gram, y));
            backend.dense().addToDiagonal(gram, 1e5f);
            Matrix factor = workspace.matrix(width, width);
            double byCholesky = median(5, () -> {
                backend.dense().copy(gram, factor);
                backend.factor().cholesky(factor);
            });
            double byBlocks = median(5, () -> backend.factor().blockUnitLower(factor, 16));
            System.out.printf(
                    "gram %d x %d: %.3f ms (%.1f Tflop/s); fp32 product: %.3f ms (%.1f Tflop/s)%n",
                    tokens, width, byGram, flops / byGram / 1e9, byProduct, flops / byProduct / 1e9);
            System.out.printf("cholesky of %d: %.3f ms; block unit lower: %.3f ms%n", width, byCholesky, byBlocks);
        }
    }

    private void attention() {
        try (Workspace workspace = backend.workspace()) {
            int windows = 4;
            int length = 2048;
            Matrix q = workspace.matrix(windows * length, 32 * 128);
            Matrix k = workspace.matrix(windows * length, 8 * 128);
            Matrix v = workspace.matrix(windows * length, 8 * 128);
            double ms = median(
                    5,
                    () -> backend.transformer().causalAttention(AttentionGeometry.of(32, 8, 128), q, k, v, windows, q));
            System.out.printf(
                    "attention %d x %d tokens, 32 heads of 128: %.3f ms (%.1f Tflop/s)%n",
                    windows, length, ms, 2.0 * windows * length * length * 32 * 128 / ms / 1e9);
        }
    }

    private double median(int rounds, Runnable work) {
        CUevent before = new CUevent();
        CUevent after = new CUevent();
        work.run();
        return backend.device().call(() -> {
            JCudaDriver.cuEventCreate(before, 0);
            JCudaDriver.cuEventCreate(after, 0);
            double[] times = new double[rounds];
            for (int i = 0; i < rounds; i++) {
                JCudaDriver.cuEventRecord(before, backend.device().stream());
                work.run();
                JCudaDriver.cuEventRecord(after, backend.device().stream());
                Driver.check("measurement", JCudaDriver.cuEventSynchronize(after));
                float[] ms = new float[1];
                JCudaDriver.cuEventElapsedTime(ms, before, after);
                times[i] = ms[0];
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
