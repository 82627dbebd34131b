package dev.quipforge.llm.checkpoint;

import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.architecture.TensorPart;
import dev.quipforge.llm.rows.DenseRows;
import dev.quipforge.llm.rows.RowsTensor;
import dev.quipforge.llm.safetensors.DataType;
import dev.quipforge.llm.safetensors.Tensors;
import dev.quipforge.llm.safetensors.WritableTensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * A tensor as it is published, put together of the weights of its linears, one linear after the other while it is written. Where
 * the linears stand below each other, some rows are in memory at once; where they take turns or are transposed, one slice.
 */
final class FusedTensor implements WritableTensor {

    /** Floats of a weight on their way into a slice. */
    private static final int BUFFER = 1 << 20;

    /** Rows of a slice that one thread fills. */
    private static final int HEIGHT = 32;

    private final DataType type;
    private final Weights weights;
    private final List<LinearSpec> linears;
    private final TensorPart any;

    /** Opens the weights of linears. */
    @FunctionalInterface
    interface Weights {

        /** Hands the weight of {@code linear}, [outputs × inputs], to {@code reader}; it is readable until that returns. */
        void read(LinearSpec linear, Reader reader) throws IOException;
    }

    /** Reads a weight. */
    @FunctionalInterface
    interface Reader {

        /** Reads the weight. */
        void read(DenseRows weight) throws IOException;
    }

    /**
     * The tensor of some linears.
     *
     * @param type F16, BF16 or F32
     * @param linears all whose weights are parts of the tensor
     * @param weights opens them
     * @throws IllegalArgumentException when they do not fill the tensor
     */
    FusedTensor(DataType type, List<LinearSpec> linears, Weights weights) {
        this.type = type;
        this.weights = weights;
        this.linears = linears.stream()
                .sorted(Comparator.comparingInt(
                                (LinearSpec linear) -> linear.weight().slice())
                        .thenComparingInt(linear -> linear.weight().first()))
                .toList();
        this.any = linears.getFirst().weight();
        long filled =
                linears.stream().mapToLong(linear -> linear.shape().weights()).sum();
        if (filled * type.bytes() != bytes()) {
            throw new IllegalArgumentException(
                    name() + ": linears of " + filled + " weights (expected: " + bytes() / type.bytes() + ")");
        }
    }

    @Override
    public String name() {
        return any.tensor();
    }

    @Override
    public DataType type() {
        return type;
    }

    @Override
    public List<Long> shape() {
        return any.shape();
    }

    @Override
    public void writeTo(Sink sink) throws IOException {
        boolean stacked =
                linears.stream().map(LinearSpec::weight).allMatch(part -> part.step() == 1 && !part.transposed());
        if (stacked) {
            for (LinearSpec linear : linears) {
                weights.read(linear, weight -> new RowsTensor(name(), type, weight).writeTo(sink));
            }
        } else {
            writeSlices(sink);
        }
    }

    private void writeSlices(Sink sink) throws IOException {
        SortedMap<Integer, List<LinearSpec>> slices = new TreeMap<>();
        linears.forEach(linear -> slices.computeIfAbsent(linear.weight().slice(), _ -> new ArrayList<>())
                .add(linear));
        List<Long> shape = shape();
        int rows = Math.toIntExact(shape.get(shape.size() - 2));
        int columns = Math.toIntExact(shape.getLast());
        try (Arena arena = Arena.ofShared()) {
            HostMatrix slice = HostMatrix.allocate(arena, rows, columns);
            for (List<LinearSpec> parts : slices.values()) {
                for (LinearSpec linear : parts) {
                    weights.read(linear, weight -> place(weight, linear.weight(), slice));
                }
                Tensors.converted(Tensors.ofMatrix(name(), slice), type).writeTo(sink);
            }
        }
    }

    /** The rows of a weight go to their rows, or columns, of the slice. */
    private static void place(DenseRows weight, TensorPart part, HostMatrix slice) {
        int height = Math.clamp(BUFFER / weight.columns(), 1, weight.rows());
        try (Arena arena = Arena.ofShared()) {
            HostMatrix buffer = HostMatrix.allocate(arena, height, weight.columns());
            for (int first = 0; first < weight.rows(); first += height) {
                HostMatrix rows = buffer.rows(0, Math.min(height, weight.rows() - first));
                weight.copyTo(first, rows);
                int at = part.first() + first * part.step();
                if (part.transposed()) {
                    toColumns(rows, at, part.step(), slice);
                } else {
                    toRows(rows, at, part.step(), slice);
                }
            }
        }
    }

    private static void toRows(HostMatrix rows, int at, int step, HostMatrix slice) {
        for (int i = 0; i < rows.rows(); i++) {
            MemorySegment.copy(rows.row(i), 0, slice.row(at + i * step), 0, (long) rows.columns() * Float.BYTES);
        }
    }

    private static void toColumns(HostMatrix rows, int at, int step, HostMatrix slice) {
        IntStream.range(0, Math.ceilDiv(slice.rows(), HEIGHT)).parallel().forEach(part -> {
            int end = Math.min(slice.rows(), (part + 1) * HEIGHT);
            for (int column = part * HEIGHT; column < end; column++) {
                for (int i = 0; i < rows.rows(); i++) {
                    slice.set(column, at + i * step, rows.get(i, column));
                }
            }
        });
    }
}
