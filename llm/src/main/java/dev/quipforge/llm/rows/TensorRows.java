package dev.quipforge.llm.rows;

import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.safetensors.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Rows that stand below each other in a tensor of floating-point numbers: all of it, some, or those of one of its slices. */
public final class TensorRows implements DenseRows {

    private final Tensor tensor;
    private final long before;
    private final int rows;
    private final int columns;

    /**
     * Rows of {@code tensor}, taken as a matrix as wide as its last dimension.
     *
     * @param before rows before the first
     */
    private TensorRows(Tensor tensor, long before, int rows, int columns) {
        this.tensor = tensor.requireFloating();
        this.before = before;
        this.rows = rows;
        this.columns = columns;
    }

    /**
     * A tensor of two dimensions, [rows × columns].
     *
     * @throws InvalidModelException when it is something else
     */
    public static TensorRows of(Tensor tensor) {
        int[] lengths = lengths(tensor, 2, "rows x columns");
        return new TensorRows(tensor, 0, lengths[0], lengths[1]);
    }

    /**
     * One matrix of a tensor of three dimensions, [matrices × rows × columns].
     *
     * @param index which, from 0
     * @throws InvalidModelException when it is something else
     */
    public static TensorRows slice(Tensor tensor, int index) {
        int[] lengths = lengths(tensor, 3, "matrices x rows x columns");
        Objects.checkIndex(index, lengths[0]);
        return new TensorRows(tensor, (long) index * lengths[1], lengths[1], lengths[2]);
    }

    /** The lengths of the dimensions of a tensor that must have so many; {@code expected} names them. */
    static int[] lengths(Tensor tensor, int dimensions, String expected) {
        List<Long> shape = tensor.shape();
        if (shape.size() != dimensions || shape.stream().anyMatch(length -> length > Integer.MAX_VALUE)) {
            throw new InvalidModelException(
                    tensor.name(),
                    Tensor.describe(shape) + " (expected: " + expected + ", each at most " + Integer.MAX_VALUE + ")");
        }
        return shape.stream().mapToInt(Long::intValue).toArray();
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
        if (step == 1) {
            tensor.copyRowsTo(before + first, target);
            return;
        }
        for (int i = 0; i < target.rows(); i++) {
            tensor.copyRowsTo(before + first + (long) i * step, target.rows(i, i + 1));
        }
    }

    @Override
    public TensorRows rows(int from, int to) {
        Objects.checkFromToIndex(from, to, rows);
        return new TensorRows(tensor, before + from, to - from, columns);
    }

    @Override
    public Optional<Tensor> stored() {
        long width = (long) columns * tensor.type().bytes();
        MemorySegment data = tensor.data().asSlice(before * width, rows * width);
        return Optional.of(new Tensor(tensor.name(), tensor.type(), List.of((long) rows, (long) columns), data));
    }
}
