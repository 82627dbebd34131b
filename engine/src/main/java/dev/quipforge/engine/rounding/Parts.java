package dev.quipforge.engine.rounding;

import dev.quipforge.engine.compute.DenseOps;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Shapes;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Parts of equal height below each other, the weights of several linears, each with a square matrix of its own: part i of a
 * matrix is multiplied with square i.
 *
 * <p>Every product is that of the part alone, so that a part has the same result whatever is above and below it.
 */
public final class Parts {

    private final DenseOps dense;
    private final List<Matrix> squares;

    /**
     * @param dense operations of the backend where all matrices live
     * @param squares one square matrix for every part, from above, all of one order
     */
    Parts(DenseOps dense, List<Matrix> squares) {
        this.dense = dense;
        this.squares = List.copyOf(squares);
    }

    /** The parts of {@code matrix}, from above: {@code count} views of equal height. */
    public static List<Matrix> of(Matrix matrix, int count) {
        Shapes.requireParts("matrix", matrix, count);
        int height = matrix.rows() / count;
        return IntStream.range(0, count)
                .mapToObj(part -> matrix.rows(part * height, (part + 1) * height))
                .toList();
    }

    /** Rows or columns {@code first} to {@code end} of the squares. */
    record Range(int first, int end) {

        int length() {
            return end - first;
        }
    }

    /** How many parts there are. */
    int count() {
        return squares.size();
    }

    /** The order of the squares. */
    int order() {
        return squares.getFirst().rows();
    }

    /** That block of every square. */
    List<Matrix> blocks(Range rows, Range columns) {
        return squares.stream()
                .map(square -> square.rows(rows.first, rows.end).columns(columns.first, columns.end))
                .toList();
    }

    /** {@code product} = {@code matrix} times that block of the squares, part by part. */
    void multiply(Matrix matrix, Range rows, Range columns, Matrix product) {
        dense.multiply(of(matrix, count()), blocks(rows, columns), of(product, count()));
    }

    /** {@code sum} += {@code matrix} times that block of the squares, part by part. */
    void multiplyAdd(Matrix matrix, Range rows, Range columns, Matrix sum) {
        dense.multiplyAdd(1, of(matrix, count()), blocks(rows, columns), of(sum, count()));
    }
}
