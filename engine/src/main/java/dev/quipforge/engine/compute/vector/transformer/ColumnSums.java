package dev.quipforge.engine.compute.vector.transformer;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.compute.vector.lanes.Workers;
import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;

/**
 * Sums over the rows of a matrix, one a column: single precision within spans of few rows, double precision over the
 * spans, in their order.
 */
final class ColumnSums {

    private static final int FEWEST = 32;
    private static final int MOST = 128;

    private final int rows;
    private final int columns;
    private final int height;
    private final float[][] parts;

    ColumnSums(int rows, int columns) {
        this.rows = rows;
        this.columns = columns;
        this.height = Math.clamp(Workers.height(columns), FEWEST, MOST);
        this.parts = new float[Math.ceilDiv(rows, height)][];
    }

    /** Adds what row {@code index} contributes to {@code sums}. */
    interface RowBody {
        void add(int index, float[] sums);
    }

    /** Runs a body for every row, a new one for every span of rows. */
    void collect(Workers workers, Supplier<RowBody> bodies) {
        workers.each(parts.length, part -> {
            float[] sums = new float[columns];
            RowBody body = bodies.get();
            for (int i = part * height; i < Math.min(rows, (part + 1) * height); i++) {
                body.add(i, sums);
            }
            parts[part] = sums;
        });
    }

    /** Adds all sums to {@code target}. */
    void addTo(MemorySegment target) {
        double[] totals = new double[columns];
        for (float[] sums : parts) {
            for (int j = 0; j < columns; j++) {
                totals[j] += sums[j];
            }
        }
        for (int j = 0; j < columns; j++) {
            target.setAtIndex(JAVA_FLOAT, j, (float) (target.getAtIndex(JAVA_FLOAT, j) + totals[j]));
        }
    }
}
