package dev.quipforge.llm.rows;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.compute.HostMatrix;
import java.lang.foreign.MemorySegment;

/**
 * A matrix whose blocks have scales: every value times that of its block.
 *
 * @param values the matrix without them
 * @param scales the scales
 */
record ScaledRows(DenseRows values, BlockScales scales) implements DenseRows {

    @Override
    public int rows() {
        return values.rows();
    }

    @Override
    public int columns() {
        return values.columns();
    }

    @Override
    public void copyTo(int first, int step, HostMatrix target) {
        values.copyTo(first, step, target);
        float[] line = new float[columns()];
        float[] factors = {};
        int block = -1;
        for (int i = 0; i < target.rows(); i++) {
            int its = scales.block(first + i * step);
            if (its != block) {
                block = its;
                factors = scales.row(block, line.length);
            }
            MemorySegment row = target.row(i);
            MemorySegment.copy(row, JAVA_FLOAT, 0, line, 0, line.length);
            scale(line, factors);
            MemorySegment.copy(line, 0, row, JAVA_FLOAT, 0, line.length);
        }
    }

    private void scale(float[] line, float[] factors) {
        for (int block = 0; block < factors.length; block++) {
            int end = (int) Math.min(line.length, (block + 1L) * scales.blockColumns());
            for (int column = block * scales.blockColumns(); column < end; column++) {
                line[column] *= factors[block];
            }
        }
    }
}
