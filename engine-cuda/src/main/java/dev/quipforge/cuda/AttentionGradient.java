package dev.quipforge.cuda;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.GradientOps.AttentionGradients;

/**
 * What one backward pass of attention reads.
 *
 * @param geometry head counts and widths
 * @param windows number of windows
 * @param query queries, rotated
 * @param key keys likewise
 * @param value values
 * @param output what the forward form gave
 * @param outputGradient with respect to that
 */
record AttentionGradient(
        AttentionGeometry geometry,
        int windows,
        DeviceMatrix query,
        DeviceMatrix key,
        DeviceMatrix value,
        DeviceMatrix output,
        DeviceMatrix outputGradient) {

    private static final int WARP = 32;

    /** Warps of a block of attention_gradient.cu, as far as their weights fit into shared memory. */
    private static final int MOST_WARPS = 4;

    /** Queries and keys of a tile of attention_gradient_tensor.cu. */
    private static final int TILE = 64;

    /** Totals and means of two tiles of queries. */
    private static final int NUMBERS = 4 * TILE * Float.BYTES;

    private int length() {
        return query.rows() / windows;
    }

    private long numbers() {
        return (long) windows * geometry.heads() * length();
    }

    /** Bytes of shared memory that {@link #inHalves} needs for heads of this width. */
    static int sharedBytes(int width) {
        return 6 * tileBytes(width) + NUMBERS;
    }

    private static int tileBytes(int width) {
        return TILE * (width + 8) * Short.BYTES;
    }

    /** On the tensor cores: all inputs rounded to bf16. */
    void inHalves(Kernels kernels, TensorProducts tensors, DeviceMemory memory, AttentionGradients gradients) {
        int width = geometry.headWidth();
        int blocks = Launch.blocks(length(), TILE);
        DeviceMatrix queryGradient = DeviceMatrix.require(gradients.query());
        DeviceMatrix keyGradient = DeviceMatrix.require(gradients.key());
        DeviceMatrix valueGradient = DeviceMatrix.require(gradients.value());
        try (Scratch scratch = new Scratch(memory)) {
            long queries = tensors.rounded(scratch, query).address();
            long keys = tensors.rounded(scratch, key).address();
            long values = tensors.rounded(scratch, value).address();
            long slopes = tensors.rounded(scratch, outputGradient).address();
            long totals = scratch.bytes("sums of exponentials", numbers() * Float.BYTES);
            long means = scratch.bytes("means of slopes", numbers() * Float.BYTES);
            kernels.launch(
                    "attention_gradient_tensor",
                    "queries_" + width,
                    new Launch(blocks, geometry.heads(), windows, 128, 1, 4 * tileBytes(width)),
                    geometry.keyValueHeads(),
                    length(),
                    geometry.scale(),
                    queries,
                    keys,
                    values,
                    output.address(),
                    (long) output.stride(),
                    outputGradient.address(),
                    (long) outputGradient.stride(),
                    slopes,
                    queryGradient.address(),
                    (long) queryGradient.stride(),
                    totals,
                    means);
            kernels.launch(
                    "attention_gradient_tensor",
                    "keys_" + width,
                    new Launch(blocks, geometry.keyValueHeads(), windows, 128, 1, sharedBytes(width)),
                    geometry.heads(),
                    length(),
                    geometry.scale(),
                    queries,
                    keys,
                    values,
                    slopes,
                    totals,
                    means,
                    keyGradient.address(),
                    (long) keyGradient.stride(),
                    valueGradient.address(),
                    (long) valueGradient.stride());
        }
    }

    /** In fp32. */
    void inFloats(Kernels kernels, DeviceMemory memory, int sharedLimit, AttentionGradients gradients) {
        int rowBytes = 2 * length() * Float.BYTES;
        int warps = Math.clamp(sharedLimit / rowBytes, 1, MOST_WARPS);
        int blocks = Launch.blocks(length(), warps);
        DeviceMatrix queryGradient = DeviceMatrix.require(gradients.query());
        try (Scratch scratch = new Scratch(memory)) {
            long numbers = scratch.bytes("numbers of queries", numbers() * 4 * Float.BYTES);
            kernels.launch(
                    "attention_gradient",
                    "queries",
                    new Launch(blocks, geometry.heads(), windows, warps * WARP, 1, warps * rowBytes),
                    geometry.keyValueHeads(),
                    geometry.headWidth(),
                    length(),
                    geometry.scale(),
                    query.address(),
                    (long) query.stride(),
                    key.address(),
                    (long) key.stride(),
                    value.address(),
                    (long) value.stride(),
                    outputGradient.address(),
                    (long) outputGradient.stride(),
                    queryGradient.address(),
                    (long) queryGradient.stride(),
                    numbers);
            keysInFloats(kernels, numbers, gradients);
        }
    }

    private void keysInFloats(Kernels kernels, long numbers, AttentionGradients gradients) {
        DeviceMatrix keyGradient = DeviceMatrix.require(gradients.key());
        DeviceMatrix valueGradient = DeviceMatrix.require(gradients.value());
        kernels.launch(
                "attention_gradient",
                "keys",
                new Launch(
                        Launch.blocks(length(), MOST_WARPS),
                        geometry.keyValueHeads(),
                        windows,
                        MOST_WARPS * WARP,
                        1,
                        0),
                geometry.heads(),
                geometry.headWidth(),
                length(),
                geometry.scale(),
                query.address(),
                (long) query.stride(),
                key.address(),
                (long) key.stride(),
                value.address(),
                (long) value.stride(),
                outputGradient.address(),
                (long) outputGradient.stride(),
                numbers,
                keyGradient.address(),
                (long) keyGradient.stride(),
                valueGradient.address(),
                (long) valueGradient.stride());
    }
}
