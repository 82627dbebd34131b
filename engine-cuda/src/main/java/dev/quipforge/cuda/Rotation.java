package dev.quipforge.cuda;

import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.TransformerShapes;

/** The rotation of both {@link CudaTransformerOps} and {@link CudaGradientOps}. */
final class Rotation {

    /** Heads that a thread turns by one angle. */
    private static final int HEADS = 8;

    private Rotation() {}

    /** Turns every pair by its position, back when {@code direction} is −1. */
    static void turn(
            Kernels kernels,
            int direction,
            Matrix heads,
            int headWidth,
            Matrix frequencies,
            int window,
            int firstPosition) {
        TransformerShapes.requireRotation(heads, headWidth, frequencies, window, firstPosition);
        DeviceMatrix matrix = DeviceMatrix.require(heads);
        if (matrix.size() == 0) {
            return;
        }
        int count = matrix.columns() / headWidth;
        kernels.launch(
                "rotate",
                "rotate",
                Launch.elements(matrix.rows(), (long) Math.ceilDiv(count, HEADS) * (headWidth / 2)),
                (long) matrix.rows(),
                count,
                headWidth,
                DeviceMatrix.require(frequencies).address(),
                window,
                firstPosition,
                direction < 0 ? 1 : 0,
                matrix.address(),
                (long) matrix.stride());
    }
}
