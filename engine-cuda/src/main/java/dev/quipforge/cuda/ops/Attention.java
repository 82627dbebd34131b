package dev.quipforge.cuda.ops;

import dev.quipforge.cuda.driver.DeviceMatrix;
import dev.quipforge.cuda.driver.DeviceMemory;
import dev.quipforge.cuda.driver.Kernels;
import dev.quipforge.cuda.driver.Launch;
import dev.quipforge.cuda.driver.Scratch;
import dev.quipforge.cuda.library.TensorProducts;
import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.AttentionInputs;
import dev.quipforge.engine.compute.Matrix;

/**
 * Attention on a device: which kernel, and what it takes.
 *
 * @param geometry head counts and widths, and what a query sees
 * @param inputs queries, keys, values and sinks
 * @param windows number of windows
 * @param output receives the result, or holds it where gradients are wanted
 */
record Attention(AttentionGeometry geometry, AttentionInputs inputs, int windows, DeviceMatrix output) {

    /** Queries and keys of a tile of attention_tensor.cu. */
    private static final int TILE = 64;

    /** Queries of a window from which attention is taken to the tensor cores. */
    private static final int LONG_WINDOW = 256;

    DeviceMatrix query() {
        return DeviceMatrix.require(inputs.query());
    }

    DeviceMatrix key() {
        return DeviceMatrix.require(inputs.key());
    }

    DeviceMatrix value() {
        return DeviceMatrix.require(inputs.value());
    }

    /** Queries of a window. */
    int queries() {
        return inputs.query().rows() / windows;
    }

    /** Keys of a window. */
    int keys() {
        return inputs.key().rows() / windows;
    }

    /** Keys that a query sees, as kernels want it: no more than there are. */
    int reach() {
        return Math.min(geometry.window(), keys());
    }

    /** The address of the sinks, 0 without. */
    long sinks() {
        Matrix sinks = inputs.sinks();
        return sinks == null ? 0 : DeviceMatrix.require(sinks).address();
    }

    /** What is appended to the names of kernels: nothing for those without windows, caps and sinks, which are faster. */
    String suffix() {
        boolean plain = reach() == keys() && geometry.cap() == 0 && inputs.sinks() == null;
        return plain ? "" : "_extended";
    }

    /** Whether windows are so long that attention may be rounded to bf16. */
    boolean isLong() {
        return queries() >= LONG_WINDOW;
    }

    /** Whether values are as wide as keys, and there are kernels for the tensor cores of this width in both directions. */
    boolean hasTensorWidth() {
        int width = geometry.headWidth();
        return geometry.valueWidth() == width && (width == 64 || width == 96 || width == 128);
    }

    /** Writes the output: of long windows with everything rounded to bf16 where there are kernels, else in fp32. */
    void run(Kernels kernels, TensorProducts tensors, DeviceMemory memory, int sharedLimit) {
        boolean narrowValues = geometry.headWidth() == 192 && geometry.valueWidth() == 128;
        if (isLong() && (hasTensorWidth() || narrowValues) && sharedBytes() <= sharedLimit) {
            inHalves(kernels, tensors, memory);
        } else {
            inFloats(kernels);
        }
    }

    /** Of attention_tensor.cu: two tiles each of keys and values. */
    private int sharedBytes() {
        return 2 * TILE * (geometry.headWidth() + 8 + geometry.valueWidth() + 8) * Short.BYTES;
    }

    private void inHalves(Kernels kernels, TensorProducts tensors, DeviceMemory memory) {
        try (Scratch scratch = new Scratch(memory)) {
            kernels.launch(
                    "attention_tensor",
                    "attention_" + geometry.headWidth() + suffix(),
                    new Launch(Launch.blocks(queries(), TILE), geometry.heads(), windows, 128, 1, sharedBytes()),
                    geometry.keyValueHeads(),
                    queries(),
                    keys(),
                    geometry.scale(),
                    reach(),
                    geometry.cap(),
                    sinks(),
                    query(),
                    tensors.rounded(scratch, key()).address(),
                    tensors.rounded(scratch, value()).address(),
                    output);
        }
    }

    private void inFloats(Kernels kernels) {
        int width = kernelWidth();
        int tile = width > 128 ? 32 : 64;
        int shared = (2 * tile * (width + 4) + tile * (tile + 1)) * Float.BYTES;
        kernels.launch(
                "attention",
                "attention_" + width + suffix(),
                new Launch(Launch.blocks(queries(), tile), geometry.heads(), windows, 256, 1, shared),
                geometry.headWidth(),
                geometry.valueWidth(),
                geometry.keyValueHeads(),
                queries(),
                keys(),
                geometry.scale(),
                reach(),
                geometry.cap(),
                sinks(),
                query(),
                key(),
                value(),
                output);
    }

    /** That of the narrowest kernel of attention.cu: for 192 wide keys values are at most 128 wide, else as wide as keys. */
    private int kernelWidth() {
        int widest = Math.max(geometry.headWidth(), geometry.valueWidth());
        if (widest > 128 && widest <= 192 && geometry.valueWidth() <= 128) {
            return 192;
        }
        for (int width : new int[] {32, 64, 128, 256}) {
            if (widest <= width) {
                return width;
            }
        }
        throw new IllegalArgumentException("head width: " + widest + " (expected: at most 256)");
    }
}
