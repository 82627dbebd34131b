package dev.quipforge.cuda.ops;

import dev.quipforge.cuda.driver.CudaDevice;
import dev.quipforge.cuda.driver.DeviceIntMatrix;
import dev.quipforge.cuda.driver.DeviceMatrix;
import dev.quipforge.cuda.driver.DeviceMemory;
import dev.quipforge.cuda.driver.Kernels;
import dev.quipforge.cuda.driver.Launch;
import dev.quipforge.cuda.driver.Scratch;
import dev.quipforge.cuda.driver.Transfers;
import dev.quipforge.cuda.library.TensorProducts;
import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.AttentionInputs;
import dev.quipforge.engine.compute.GatedActivation;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.RotaryGeometry;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.TransformerOps;
import dev.quipforge.engine.compute.TransformerShapes;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;

/** {@link TransformerOps} on a device. */
public final class CudaTransformerOps implements TransformerOps {

    private static final int MOST_BLOCKS = 1 << 20;

    private final CudaDevice device;
    private final Kernels kernels;
    private final TensorProducts tensors;
    private final DeviceMemory memory;
    private final Transfers transfers;

    /**
     * Everything handed in stays the caller's to close.
     *
     * @param device the GPU
     * @param kernels our kernels on it
     * @param tensors multiplies on tensor cores
     * @param memory lends scratch memory
     * @param transfers copies
     */
    public CudaTransformerOps(
            CudaDevice device, Kernels kernels, TensorProducts tensors, DeviceMemory memory, Transfers transfers) {
        this.device = device;
        this.kernels = kernels;
        this.tensors = tensors;
        this.memory = memory;
        this.transfers = transfers;
    }

    @Override
    public void embed(Matrix table, IntMatrix tokens, Matrix output) {
        Shapes.require("output", output, tokens.columns(), table.columns());
        DeviceMatrix from = DeviceMatrix.require(table);
        DeviceMatrix to = DeviceMatrix.require(output);
        DeviceIntMatrix ids = DeviceIntMatrix.require(tokens);
        checked(
                ids,
                flag -> kernels.launch(
                        "embed",
                        "embed",
                        Launch.rows(ids.columns(), MOST_BLOCKS),
                        from.rows(),
                        from.columns(),
                        ids.columns(),
                        from,
                        ids.address(),
                        to,
                        flag),
                token -> TransformerShapes.requireToken(token, from.rows()));
    }

    @Override
    public void rmsNorm(Matrix input, Matrix weight, float epsilon, Matrix output) {
        Shapes.require("weight", weight, 1, input.columns());
        Shapes.requireSame("output", output, input);
        DeviceMatrix from = DeviceMatrix.require(input);
        DeviceMatrix to = DeviceMatrix.require(output);
        kernels.launch(
                "rms_norm",
                "rms_norm",
                Launch.rows(from.rows(), MOST_BLOCKS),
                (long) from.rows(),
                from.columns(),
                from,
                DeviceMatrix.require(weight).address(),
                epsilon,
                to);
    }

    @Override
    public void rotate(Matrix heads, RotaryGeometry geometry, Matrix frequencies, int window, int firstPosition) {
        new Rotation(kernels, Rotation.Direction.FORWARD).turn(heads, geometry, frequencies, window, firstPosition);
    }

    @Override
    public void causalAttention(AttentionGeometry geometry, AttentionInputs inputs, int windows, Matrix output) {
        TransformerShapes.requireAttention(geometry, inputs, windows, output);
        if (output.rows() > 0) {
            new Attention(geometry, inputs, windows, DeviceMatrix.require(output))
                    .run(kernels, tensors, memory, device.sharedBytesPerBlock());
        }
    }

    @Override
    public void gate(GatedActivation activation, Matrix gate, Matrix up) {
        Shapes.requireSame("up", up, gate);
        DeviceMatrix gates = DeviceMatrix.require(gate);
        DeviceMatrix ups = DeviceMatrix.require(up);
        kernels.launch(
                "gate",
                kernel(activation),
                Launch.elements(gates.rows(), gates.columns()),
                (long) gates.rows(),
                (long) gates.columns(),
                gates,
                ups);
    }

    /** The name of the kernels of an activation. */
    static String kernel(GatedActivation activation) {
        return switch (activation) {
            case SILU -> "silu";
            case GELU_TANH -> "gelu_tanh";
            case GELU -> "gelu";
            case CLAMPED_SWISH -> "clamped_swish";
        };
    }

    @Override
    public void softCap(Matrix matrix, float cap) {
        TransformerShapes.requireCap(cap);
        DeviceMatrix values = DeviceMatrix.require(matrix);
        kernels.launch(
                "elementwise",
                "soft_cap",
                Launch.elements(values.rows(), values.columns()),
                (long) values.rows(),
                (long) values.columns(),
                cap,
                values);
    }

    @Override
    public void addRows(Matrix source, IntMatrix rows, Matrix weights, Matrix target) {
        TransformerShapes.requireAddition(source, rows, weights, target);
        DeviceMatrix from = DeviceMatrix.require(source);
        DeviceMatrix to = DeviceMatrix.require(target);
        DeviceIntMatrix indices = DeviceIntMatrix.require(rows);
        if (from.size() == 0) {
            return;
        }
        checked(
                indices,
                flag -> kernels.launch(
                        "rows",
                        "add_rows",
                        Launch.rows(from.rows(), MOST_BLOCKS),
                        from.rows(),
                        from.columns(),
                        to.rows(),
                        from,
                        indices.address(),
                        DeviceMatrix.require(weights).address(),
                        to,
                        flag),
                row -> TransformerShapes.requireRow(row, to.rows()));
    }

    /**
     * Runs a kernel that skips what an index of its own does not allow, and writes the place of one such index, counted
     * from 1, to a flag.
     *
     * @param indices what the kernel reads
     * @param launch launches it, given the address of the flag
     * @param refuse throws for the index that was found
     */
    private void checked(DeviceIntMatrix indices, LongConsumer launch, IntConsumer refuse) {
        int wrong;
        try (Scratch scratch = new Scratch(memory)) {
            long flag = scratch.bytes("flag", Integer.BYTES);
            transfers.clear(flag, Integer.BYTES);
            launch.accept(flag);
            wrong = transfers.integers(flag, 1)[0] - 1;
        }
        if (wrong >= 0) {
            refuse.accept(transfers.integers(indices.address() + (long) wrong * Integer.BYTES, 1)[0]);
        }
    }

    @Override
    public double[] logProbabilities(Matrix logits, IntMatrix targets) {
        Shapes.require("targets", targets, 1, logits.rows());
        DeviceMatrix matrix = DeviceMatrix.require(logits);
        DeviceIntMatrix ids = DeviceIntMatrix.require(targets);
        for (int id : transfers.integers(ids.address(), ids.size())) {
            TransformerShapes.requireToken(id, matrix.columns());
        }
        try (Scratch scratch = new Scratch(memory)) {
            long result = scratch.bytes("log-probabilities", (long) matrix.rows() * Double.BYTES);
            kernels.launch(
                    "log_softmax",
                    "log_probabilities",
                    Launch.rows(matrix.rows(), MOST_BLOCKS),
                    (long) matrix.rows(),
                    matrix.columns(),
                    matrix,
                    ids.address(),
                    result);
            return transfers.doubles(result, matrix.rows());
        }
    }

    @Override
    public double[] divergence(Matrix reference, Matrix candidate) {
        Shapes.requireSame("candidate", candidate, reference);
        DeviceMatrix p = DeviceMatrix.require(reference);
        DeviceMatrix q = DeviceMatrix.require(candidate);
        try (Scratch scratch = new Scratch(memory)) {
            long result = scratch.bytes("divergences", (long) p.rows() * Double.BYTES);
            kernels.launch(
                    "log_softmax",
                    "divergence",
                    Launch.rows(p.rows(), MOST_BLOCKS),
                    (long) p.rows(),
                    p.columns(),
                    p,
                    q,
                    result);
            return transfers.doubles(result, p.rows());
        }
    }

    @Override
    public int[] argmaxRows(Matrix matrix) {
        DeviceMatrix device = DeviceMatrix.require(matrix);
        try (Scratch scratch = new Scratch(memory)) {
            long result = scratch.bytes("indices", (long) device.rows() * Integer.BYTES);
            kernels.launch(
                    "log_softmax",
                    "argmax_rows",
                    Launch.rows(device.rows(), MOST_BLOCKS),
                    (long) device.rows(),
                    device.columns(),
                    device,
                    result);
            return transfers.integers(result, device.rows());
        }
    }
}
