package dev.quipforge.cuda.ops;

import dev.quipforge.cuda.driver.DeviceIntMatrix;
import dev.quipforge.cuda.driver.DeviceMatrix;
import dev.quipforge.cuda.driver.Kernels;
import dev.quipforge.cuda.driver.Launch;
import dev.quipforge.engine.compute.DecodeShapes;
import dev.quipforge.engine.compute.IntMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.RotaryGeometry;
import dev.quipforge.engine.compute.TransformerShapes;

/** The rotation of both {@link CudaTransformerOps} and {@link CudaGradientOps}. */
final class Rotation {

    /** Heads that a thread turns by one angle. */
    private static final int HEADS = 8;

    /** Which way pairs turn. */
    enum Direction {
        FORWARD,
        BACK
    }

    private final Kernels kernels;
    private final Direction direction;

    Rotation(Kernels kernels, Direction direction) {
        this.kernels = kernels;
        this.direction = direction;
    }

    /** Turns every pair by the place of its row in a window. */
    void turn(Matrix heads, RotaryGeometry geometry, Matrix frequencies, int window, int firstPosition) {
        TransformerShapes.requireRotation(heads, geometry, frequencies, window, firstPosition);
        turn(heads, geometry, frequencies, new Places(window, firstPosition, 0));
    }

    /** Turns every pair by the position of its row. */
    void turn(Matrix heads, RotaryGeometry geometry, Matrix frequencies, IntMatrix positions) {
        DecodeShapes.requireRotation(heads, geometry, frequencies, positions);
        long address = DeviceIntMatrix.require(positions).address();
        turn(heads, geometry, frequencies, new Places(1, 0, address));
    }

    /** The positions of rows: from a window, or where {@code address} is not 0 from there. */
    private record Places(int window, int first, long address) {}

    private void turn(Matrix heads, RotaryGeometry geometry, Matrix frequencies, Places places) {
        DeviceMatrix matrix = DeviceMatrix.require(heads);
        if (matrix.size() == 0) {
            return;
        }
        int count = matrix.columns() / geometry.headWidth();
        int pairs = geometry.width() / 2;
        kernels.launch(
                "rotate",
                "rotate",
                Launch.elements(matrix.rows(), (long) Math.ceilDiv(count, HEADS) * pairs),
                (long) matrix.rows(),
                count,
                geometry.headWidth(),
                geometry.first(),
                pairs,
                geometry.step(),
                geometry.distance(),
                geometry.amplitude(),
                DeviceMatrix.require(frequencies).address(),
                places.window,
                places.first,
                places.address,
                direction == Direction.BACK ? 1 : 0,
                matrix);
    }
}
