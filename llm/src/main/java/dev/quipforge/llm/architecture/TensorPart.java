package dev.quipforge.llm.architecture;

import java.util.Arrays;
import java.util.List;

/**
 * Where a weight or a bias stands: a tensor of the model's files, or some rows of one that holds several.
 *
 * @param tensor its name
 * @param shape its shape as a whole: [rows × columns], [slices × rows × columns], or that of a vector or several
 * @param slice which of its slices, of an expert; {@link #ALL} where it has none
 * @param first first row, or element of a vector
 * @param step from one row to the next: 2 where two weights take turns
 * @param transposed whether its rows are inputs and its columns outputs; {@code first} and {@code step} then count columns
 */
public record TensorPart(String tensor, List<Long> shape, int slice, int first, int step, boolean transposed) {

    /** No slice: the tensor has the dimensions of the part. */
    public static final int ALL = -1;

    public TensorPart {
        shape = List.copyOf(shape);
    }

    /** A tensor that is nothing but the part. */
    public static TensorPart whole(String tensor, long... shape) {
        return rows(tensor, 0, shape);
    }

    /** Rows from {@code first} on. */
    public static TensorPart rows(String tensor, int first, long... shape) {
        return new TensorPart(tensor, longs(shape), ALL, first, 1, false);
    }

    private static List<Long> longs(long... values) {
        return Arrays.stream(values).boxed().toList();
    }

    /** Whether the tensor is nothing but a part of {@code rows} rows. */
    public boolean isWhole(int rows) {
        return slice == ALL && first == 0 && step == 1 && !transposed && shape.getFirst() == rows;
    }
}
