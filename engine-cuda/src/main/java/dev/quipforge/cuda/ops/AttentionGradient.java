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
 * One backward pass of attention.
 *
 * @param forward what the forward form took and gave
 * @param outputGradient with respect to what it gave
 * @param gradients receive those with respect to what it took
 */
record AttentionGradient(Attention forward, DeviceMatrix outputGradient, AttentionInputs gradients) {

    /** Queries and keys of a tile of both kinds of kernels. */
    private static final int TILE = 64;

    /** Of attention_gradient.cu: two pieces of rows. */
    private static final int PIECES = 2 * TILE * (TILE + 4) * Float.BYTES;

    /** Of attention_gradient.cu: weights, or gradients of scores. */
    private static final int WEIGHTS = TILE * (TILE + 1) * Float.BYTES;

    /** Totals and means of two tiles of queries of attention_gradient_tensor.cu. */
    private static final int NUMBERS = 4 * TILE * Float.BYTES;

    /** Writes the gradients: of long windows with everything rounded to bf16 where there are kernels, else in fp32. */
    void run(Kernels kernels, TensorProducts tensors, DeviceMemory memory, int sharedLimit) {
        if (forward.isLong() && forward.hasTensorWidth() && 6 * tileBytes() + NUMBERS <= sharedLimit) {
            inHalves(kernels, tensors, memory);
        } else {
            inFloats(kernels, memory);
        }
    }

    private AttentionGeometry geometry() {
        return forward.geometry();
    }

    private int length() {
        return forward.queries();
    }

    private long queries() {
        return (long) forward.windows() * geometry().heads() * length();
    }

    /** Tiles of all heads, as many as given, of all windows. */
    private Launch launch(int heads, int threads, int shared) {
        return new Launch(Launch.blocks(length(), TILE), heads, forward.windows(), threads, 1, shared);
    }

    /** Of attention_gradient_tensor.cu. */
    private int tileBytes() {
        return TILE * (geometry().headWidth() + 8) * Short.BYTES;
    }

    private void inHalves(Kernels kernels, TensorProducts tensors, DeviceMemory memory) {
        try (Scratch scratch = new Scratch(memory)) {
            Halves halves = new Halves(
                    tensors.rounded(scratch, forward.query()).address(),
                    tensors.rounded(scratch, forward.key()).address(),
                    tensors.rounded(scratch, forward.value()).address(),
                    tensors.rounded(scratch, outputGradient).address());
            long totals = scratch.bytes("sums of exponentials", queries() * Float.BYTES);
            long means = scratch.bytes("means of slopes", queries() * Float.BYTES);
            long shares = scratch.bytes("shares of sinks", queries() * Float.BYTES);
            queriesInHalves(kernels, halves, totals, means, shares);
            keysInHalves(kernels, halves, totals, means);
            addSinks(kernels, shares, 1);
        }
    }

    /** Addresses of what is rounded to bf16. */
    private record Halves(long query, long key, long value, long outputGradient) {}

    private void queriesInHalves(Kernels kernels, Halves halves, long totals, long means, long shares) {
        kernels.launch(
                "attention_gradient_tensor",
                "queries_" + geometry().headWidth() + forward.suffix(),
                launch(geometry().heads(), 128, 4 * tileBytes()),
                geometry().keyValueHeads(),
                length(),
                geometry().scale(),
                forward.reach(),
                geometry().cap(),
                forward.sinks(),
                halves.query,
                halves.key,
                halves.value,
                forward.output(),
                outputGradient,
                halves.outputGradient,
                DeviceMatrix.require(gradients.query()),
                totals,
                means,
                shares);
    }

    private void keysInHalves(Kernels kernels, Halves halves, long totals, long means) {
        kernels.launch(
                "attention_gradient_tensor",
                "keys_" + geometry().headWidth() + forward.suffix(),
                launch(geometry().keyValueHeads(), 128, 6 * tileBytes() + NUMBERS),
                geometry().heads(),
                length(),
                geometry().scale(),
                forward.reach(),
                geometry().cap(),
                halves.query,
                halves.key,
                halves.value,
                halves.outputGradient,
                totals,
                means,
                DeviceMatrix.require(gradients.key()),
                DeviceMatrix.require(gradients.value()));
    }

    private void inFloats(Kernels kernels, DeviceMemory memory) {
        try (Scratch scratch = new Scratch(memory)) {
            long numbers = scratch.bytes("numbers of queries", queries() * 4 * Float.BYTES);
            queriesInFloats(kernels, numbers);
            keysInFloats(kernels, numbers);
            addSinks(kernels, numbers + 3 * Float.BYTES, 4);
        }
    }

    private void queriesInFloats(Kernels kernels, long numbers) {
        kernels.launch(
                "attention_gradient",
                "queries",
                launch(geometry().heads(), 256, PIECES + WEIGHTS),
                geometry().keyValueHeads(),
                geometry().headWidth(),
                geometry().valueWidth(),
                length(),
                geometry().scale(),
                forward.reach(),
                geometry().cap(),
                forward.sinks(),
                forward.query(),
                forward.key(),
                forward.value(),
                forward.output(),
                outputGradient,
                DeviceMatrix.require(gradients.query()),
                numbers);
    }

    private void keysInFloats(Kernels kernels, long numbers) {
        kernels.launch(
                "attention_gradient",
                "keys",
                launch(geometry().keyValueHeads(), 256, PIECES + 2 * WEIGHTS),
                geometry().heads(),
                geometry().headWidth(),
                geometry().valueWidth(),
                length(),
                geometry().scale(),
                forward.reach(),
                geometry().cap(),
                forward.query(),
                forward.key(),
                forward.value(),
                outputGradient,
                numbers,
                DeviceMatrix.require(gradients.key()),
                DeviceMatrix.require(gradients.value()));
    }

    /** Takes from the gradient of every sink its shares of all queries, each {@code step} floats after the other. */
    private void addSinks(Kernels kernels, long shares, int step) {
        Matrix sinks = gradients.sinks();
        if (sinks != null) {
            kernels.launch(
                    "attention_gradient",
                    "sinks",
                    Launch.line(geometry().heads(), 256, 0),
                    forward.windows(),
                    length(),
                    shares,
                    step,
                    DeviceMatrix.require(sinks).address());
        }
    }
}
