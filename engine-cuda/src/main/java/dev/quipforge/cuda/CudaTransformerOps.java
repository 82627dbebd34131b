package dev.quipforge.cuda;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import dev.quipforge.engine.compute.TransformerOps;
import dev.quipforge.engine.compute.TransformerShapes;

/** {@link TransformerOps} on a device. */
final class CudaTransformerOps implements TransformerOps {

    private static final int MOST_BLOCKS = 1 << 20;

    /** Queries and keys of a tile of attention_tensor.cu. */
    private static final int TILE = 64;

    /** Queries of a window from which attention is taken to the tensor cores. */
    private static final int LONG_WINDOW = 256;

    private final CudaDevice device;
    private final Kernels kernels;
    private final TensorProducts tensors;
    private final DeviceMemory memory;
    private final Transfers transfers;

    CudaTransformerOps(
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
        int wrong;
        try (Scratch scratch = new Scratch(memory)) {
            long flag = scratch.bytes("flag", Integer.BYTES);
            transfers.clear(flag, Integer.BYTES);
            kernels.launch(
                    "embed",
                    "embed",
                    Launch.rows(ids.columns(), MOST_BLOCKS),
                    from.rows(),
                    from.columns(),
                    ids.columns(),
                    from.address(),
                    (long) from.stride(),
                    ids.address(),
                    to.address(),
                    (long) to.stride(),
                    flag);
            wrong = transfers.integers(flag, 1)[0] - 1;
        }
        if (wrong >= 0) {
            int token = transfers.integers(ids.address() + (long) wrong * Integer.BYTES, 1)[0];
            TransformerShapes.requireToken(token, from.rows());
        }
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
                from.address(),
                (long) from.stride(),
                DeviceMatrix.require(weight).address(),
                epsilon,
                to.address(),
                (long) to.stride());
    }

    @Override
    public void rotate(Matrix heads, int headWidth, Matrix frequencies, int window, int firstPosition) {
        Rotation.turn(kernels, 1, heads, headWidth, frequencies, window, firstPosition);
    }

    @Override
    public void causalAttention(
            AttentionGeometry geometry, Matrix query, Matrix key, Matrix value, int windows, Matrix output) {
        TransformerShapes.requireAttention(geometry, query, key, value, windows, output);
        if (query.rows() == 0) {
            return;
        }
        DeviceMatrix q = DeviceMatrix.require(query);
        DeviceMatrix k = DeviceMatrix.require(key);
        DeviceMatrix v = DeviceMatrix.require(value);
        DeviceMatrix o = DeviceMatrix.require(output);
        if (onTensorCores(geometry, query.rows() / windows)) {
            attendInHalves(geometry, q, k, v, windows, o);
            return;
        }
        int width = kernelWidth(geometry.headWidth());
        int tile = width > 128 ? 32 : 64;
        int shared = (2 * tile * (width + 4) + tile * (tile + 1)) * Float.BYTES;
        int queries = query.rows() / windows;
        kernels.launch(
                "attention",
                "attention_" + width,
                new Launch(Launch.blocks(queries, tile), geometry.heads(), windows, 256, 1, shared),
                geometry.headWidth(),
                geometry.keyValueHeads(),
                queries,
                key.rows() / windows,
                geometry.scale(),
                q.address(),
                (long) q.stride(),
                k.address(),
                (long) k.stride(),
                v.address(),
                (long) v.stride(),
                o.address(),
                (long) o.stride());
    }

    private boolean onTensorCores(AttentionGeometry geometry, int queries) {
        int width = geometry.headWidth();
        return inHalves(width, queries) && sharedBytes(width) <= device.sharedBytesPerBlock();
    }

    /** Whether heads of this width and windows of so many queries are rounded to bf16. */
    static boolean inHalves(int width, int queries) {
        return (width == 64 || width == 128) && queries >= LONG_WINDOW;
    }

    /** Two tiles each of keys and values. */
    private static int sharedBytes(int width) {
        return 4 * TILE * (width + 8) * Short.BYTES;
    }

    private void attendInHalves(
            AttentionGeometry geometry,
            DeviceMatrix query,
            DeviceMatrix key,
            DeviceMatrix value,
            int windows,
            DeviceMatrix output) {
        int width = geometry.headWidth();
        int queries = query.rows() / windows;
        try (Scratch scratch = new Scratch(memory)) {
            HalfMatrix keys = tensors.rounded(scratch, key);
            HalfMatrix values = tensors.rounded(scratch, value);
            kernels.launch(
                    "attention_tensor",
                    "attention_" + width,
                    new Launch(Launch.blocks(queries, TILE), geometry.heads(), windows, 128, 1, sharedBytes(width)),
                    geometry.keyValueHeads(),
                    queries,
                    key.rows() / windows,
                    geometry.scale(),
                    query.address(),
                    (long) query.stride(),
                    keys.address(),
                    values.address(),
                    output.address(),
                    (long) output.stride());
        }
    }

    private static int kernelWidth(int headWidth) {
        for (int width : new int[] {32, 64, 128, 256}) {
            if (headWidth <= width) {
                return width;
            }
        }
        throw new IllegalArgumentException("head width: " + headWidth + " (expected: at most 256)");
    }

    @Override
    public void swiGlu(Matrix gate, Matrix up) {
        Shapes.requireSame("up", up, gate);
        DeviceMatrix gates = DeviceMatrix.require(gate);
        DeviceMatrix ups = DeviceMatrix.require(up);
        kernels.launch(
                "swiglu",
                "swiglu",
                Launch.elements(gates.rows(), gates.columns()),
                (long) gates.rows(),
                (long) gates.columns(),
                gates.address(),
                (long) gates.stride(),
                ups.address(),
                (long) ups.stride());
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
                    matrix.address(),
                    (long) matrix.stride(),
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
                    p.address(),
                    (long) p.stride(),
                    q.address(),
                    (long) q.stride(),
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
                    device.address(),
                    (long) device.stride(),
                    result);
            return transfers.integers(result, device.rows());
        }
    }
}
