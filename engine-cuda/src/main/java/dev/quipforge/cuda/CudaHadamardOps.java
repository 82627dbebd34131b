package dev.quipforge.cuda;

import dev.quipforge.engine.compute.HadamardOps;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.incoherence.Hadamard;
import dev.quipforge.engine.incoherence.SmallHadamard;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** {@link HadamardOps} on a device. */
final class CudaHadamardOps implements HadamardOps {

    /** Small orders whose columns fit into the registers of a thread; the others have a general kernel. */
    private static final Set<Integer> IN_REGISTERS = Set.of(12, 20, 28, 36, 52, 60);

    private static final int MOST_FACTORS = 6;

    private final CudaDevice device;
    private final Kernels kernels;
    private final DeviceMemory memory;
    private final Transfers transfers;
    private final Map<Integer, Long> smallMatrices = new HashMap<>();

    CudaHadamardOps(CudaDevice device, Kernels kernels, DeviceMemory memory, Transfers transfers) {
        this.device = device;
        this.kernels = kernels;
        this.memory = memory;
        this.transfers = transfers;
    }

    @Override
    public void transformRows(Hadamard transform, Matrix matrix) {
        rows(transform, matrix, false);
    }

    @Override
    public void transformRowsInverse(Hadamard transform, Matrix matrix) {
        rows(transform, matrix, true);
    }

    @Override
    public void transformColumns(Hadamard transform, Matrix matrix) {
        columns(transform, matrix, false);
    }

    @Override
    public void transformColumnsInverse(Hadamard transform, Matrix matrix) {
        columns(transform, matrix, true);
    }

    private void rows(Hadamard transform, Matrix matrix, boolean inverse) {
        Shapes.require("matrix", matrix, matrix.rows(), transform.order());
        DeviceMatrix target = DeviceMatrix.require(matrix);
        if (target.rows() == 0) {
            return;
        }
        int shared = sharedBytes(transform);
        if (shared > device.sharedBytesPerBlock()) {
            factors(transform, inverse, target.rows(), target.address(), 1, target.stride());
            return;
        }
        int k = transform.outer();
        String kernel = k == 1 || IN_REGISTERS.contains(k) ? "rows_" + k : "rows_any";
        kernels.launch(
                "hadamard_rows",
                kernel + "_f32",
                Launch.line(target.rows(), transform.order() < 1024 ? 64 : 256, shared),
                (long) target.rows(),
                k,
                Integer.numberOfTrailingZeros(transform.inner()),
                inverse ? 1 : 0,
                scale(transform),
                smallMatrix(k, inverse),
                target.address(),
                (long) target.stride());
    }

    /** The padded row, its copy for a general order, the small matrix. */
    private static int sharedBytes(Hadamard transform) {
        int k = transform.outer();
        int n = transform.order();
        int row = n + n / 32 + 1;
        boolean general = k > 1 && !IN_REGISTERS.contains(k);
        return ((k > 1 ? k * k : 0) + row + (general ? n : 0)) * Float.BYTES;
    }

    private void columns(Hadamard transform, Matrix matrix, boolean inverse) {
        Shapes.require("matrix", matrix, transform.order(), matrix.columns());
        DeviceMatrix target = DeviceMatrix.require(matrix);
        if (target.columns() > 0) {
            factors(transform, inverse, target.columns(), target.address(), target.stride(), 1);
        }
    }

    /** Transforms vectors whose elements are {@code along} floats apart; the next vector is {@code across} floats on. */
    private void factors(Hadamard transform, boolean inverse, int vectors, long address, long along, long across) {
        int k = transform.outer();
        int p = Integer.numberOfTrailingZeros(transform.inner());
        float scale = scale(transform);
        if (k > 1) {
            boolean general = !IN_REGISTERS.contains(k);
            kernels.launch(
                    "hadamard_columns",
                    "outer_" + (general ? "any" : k),
                    new Launch(
                            Launch.blocks(vectors, 32),
                            Math.min(general ? transform.inner() : Launch.blocks(transform.inner(), 8), 4096),
                            1,
                            32,
                            8,
                            (general ? k * 32 : k * k) * Float.BYTES),
                    vectors,
                    k,
                    p,
                    p == 0 ? scale : 1f,
                    smallMatrix(k, inverse),
                    address,
                    along,
                    across);
        }
        int passes = (p + MOST_FACTORS - 1) / MOST_FACTORS;
        int done = 0;
        for (int pass = 0; pass < passes; pass++) {
            int factors = (p - done + passes - pass - 1) / (passes - pass);
            kernels.launch(
                    "hadamard_columns",
                    "factors_" + factors,
                    new Launch(
                            Launch.blocks(vectors, 32),
                            Math.min(Launch.blocks(transform.order() >> factors, 8), 4096),
                            1,
                            32,
                            8,
                            0),
                    vectors,
                    transform.order(),
                    done,
                    pass == passes - 1 ? scale : 1f,
                    address,
                    along,
                    across);
            done += factors;
        }
    }

    private static float scale(Hadamard transform) {
        return (float) (1 / Math.sqrt(transform.order()));
    }

    /** Address of the small matrix, or of its transpose for the inverse, row by row; it stays on the device. */
    private long smallMatrix(int k, boolean transposed) {
        if (k == 1) {
            return 0;
        }
        return device.call(() -> smallMatrices.computeIfAbsent(transposed ? -k : k, _ -> uploaded(k, transposed)));
    }

    private long uploaded(int k, boolean transposed) {
        SmallHadamard small = SmallHadamard.of(k);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment signs = arena.allocate(ValueLayout.JAVA_FLOAT, (long) k * k);
            for (int i = 0; i < k; i++) {
                for (int j = 0; j < k; j++) {
                    signs.setAtIndex(
                            ValueLayout.JAVA_FLOAT, (long) i * k + j, transposed ? small.sign(j, i) : small.sign(i, j));
                }
            }
            long address = memory.allocate("Hadamard matrix of order " + k, signs.byteSize());
            transfers.upload(signs, address);
            return address;
        }
    }
}
