package dev.quipforge.llm.rows;

import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.llm.safetensors.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * One scale for every block of a matrix, row by row; blocks at the right and lower edge may be cut off.
 *
 * @param tensor the scales, [⌈m / blockRows⌉ × ⌈n / blockColumns⌉]
 * @param blockRows rows of a block
 * @param blockColumns columns of a block
 */
record BlockScales(Tensor tensor, int blockRows, int blockColumns) {

    BlockScales {
        tensor.requireFloating();
        if (blockRows < 1 || blockColumns < 1) {
            throw new IllegalArgumentException(
                    "block: " + blockRows + " x " + blockColumns + " (expected: at least 1 x 1)");
        }
    }

    /** Which row of blocks a row is in. */
    int block(int row) {
        return row / blockRows;
    }

    /** The scales of a row of blocks in a matrix with {@code columns} columns. */
    float[] row(int block, int columns) {
        float[] scales = new float[Math.ceilDiv(columns, blockColumns)];
        tensor.copyRowsTo(block, new HostMatrix(MemorySegment.ofArray(scales), 1, scales.length, scales.length));
        return scales;
    }
}
