package dev.quipforge.llm.rows;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.safetensors.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A matrix that a tensor of floating-point numbers holds transposed: rows here are columns there. It is read in tiles, so
 * that what is read and what is written both come in runs.
 */
public final class TransposedRows implements DenseRows {

    /** Elements read in one run: of one column, from row to row. */
    private static final int RUN = 512;

    /** Columns of a tile. */
    private static final int WIDTH = 64;

    /** Floats from one column of a tile to the next: not a power of two, lest all of them share a few lines of the cache. */
    private static final int PITCH = RUN + 16;

    private final Tensor tensor;
    private final long before;
    private final int rows;
    private final int columns;

    /**
     * A matrix within {@code tensor}.
     *
     * @param before elements before its first
     */
    private TransposedRows(Tensor tensor, long before, int rows, int columns) {
        this.tensor = tensor.requireFloating();
        this.before = before;
        this.rows = rows;
        this.columns = columns;
    }

    /**
     * What is stored as [columns × rows].
     *
     * @throws InvalidModelException when the tensor has other than two dimensions
     */
    public static TransposedRows of(Tensor tensor) {
        int[] lengths = TensorRows.lengths(tensor, 2, "columns x rows");
        return new TransposedRows(tensor, 0, lengths[1], lengths[0]);
    }

    /**
     * One matrix of what is stored as [matrices × columns × rows].
     *
     * @param index which, from 0
     * @throws InvalidModelException when the tensor has other than three dimensions
     */
    public static TransposedRows slice(Tensor tensor, int index) {
        int[] lengths = TensorRows.lengths(tensor, 3, "matrices x columns x rows");
        Objects.checkIndex(index, lengths[0]);
        long before = (long) index * lengths[1] * lengths[2];
        return new TransposedRows(tensor, before, lengths[2], lengths[1]);
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public int columns() {
        return columns;
    }

    @Override
    public void copyTo(int first, int step, HostMatrix target) {
        requireRows(first, step, target);
        float[] tile = new float[WIDTH * PITCH];
        int height = (RUN - 1) / step + 1;
        for (int row = 0; row < target.rows(); row += height) {
            HostMatrix below = target.rows(row, Math.min(target.rows(), row + height));
            int from = first + row * step;
            for (int column = 0; column < columns; column += WIDTH) {
                HostMatrix part = below.columns(column, Math.min(columns, column + WIDTH));
                read(from, column, (part.rows() - 1) * step + 1, part.columns(), tile);
                transpose(tile, step, part);
            }
        }
    }

    /** Columns {@code column} and on of the tile become {@code length} elements of those of the matrix, from a row on. */
    private void read(int row, int column, int length, int count, float[] tile) {
        MemorySegment floats = MemorySegment.ofArray(tile);
        for (int i = 0; i < count; i++) {
            MemorySegment run = floats.asSlice((long) i * PITCH * Float.BYTES, (long) length * Float.BYTES);
            long element = before + (long) (column + i) * rows + row;
            tensor.copyElementsTo(element, new HostMatrix(run, 1, length, length));
        }
    }

    private static void transpose(float[] tile, int step, HostMatrix target) {
        float[] line = new float[target.columns()];
        for (int row = 0; row < target.rows(); row++) {
            for (int column = 0; column < line.length; column++) {
                line[column] = tile[column * PITCH + row * step];
            }
            MemorySegment.copy(line, 0, target.row(row), JAVA_FLOAT, 0, line.length);
        }
    }
}
