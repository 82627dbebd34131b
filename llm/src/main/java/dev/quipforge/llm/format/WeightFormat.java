package dev.quipforge.llm.format;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.PackedMatrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.safetensors.TensorSource;
import java.util.Optional;

/**
 * How transformed weights are rounded and how their codes are stored. To add one: an implementation, and a line in {@link
 * Formats}.
 *
 * <p>Matrices here are padded: their rows and columns are multiples of {@link #rowUnit} and {@link #columnUnit}, with zeros
 * below and to the right of the weights.
 */
public interface WeightFormat {

    /** Rows come in multiples of this. */
    int rowUnit();

    /** Columns come in multiples of this. */
    int columnUnit();

    /** The root mean square that weights are brought to before they are rounded. */
    double rms();

    /**
     * Begins to round a matrix.
     *
     * @param backend where it lives
     * @param rows m
     * @param columns n
     * @param progress hears of every block of columns
     */
    Rounding rounding(ComputeBackend backend, int rows, int columns, Progress progress);

    /** What follows the linear's name in the name of its codes, such as {@code .trellis}. */
    String suffix();

    /**
     * The codes of a linear, as they stand in a checkpoint.
     *
     * @param rows m
     * @param columns n
     */
    StoredTensor codes(int rows, int columns);

    /**
     * The table of values that a linear may have of its own, {@link StoredTensor#TABLE}, as it stands in a checkpoint; none
     * where the code has no table that is trained.
     */
    default Optional<StoredTensor> table() {
        return Optional.empty();
    }

    /**
     * The codes of a linear for tables that are given; none where {@link #table} is none.
     *
     * @param backend where to
     * @param workspace owner of the codes
     * @param tensors holds them
     * @param linear name of the linear
     */
    default Optional<TableCodes> tableCodes(
            ComputeBackend backend, Workspace workspace, TensorSource tensors, String linear) {
        return Optional.empty();
    }

    /**
     * Takes the codes of a linear into a backend's memory, packed; the caller closes them.
     *
     * @param backend where to
     * @param tensors holds the codes, and the table if the linear has one of its own
     * @param linear name of the linear
     * @param rows m
     * @param columns n
     */
    PackedMatrix load(ComputeBackend backend, TensorSource tensors, String linear, int rows, int columns);

    /**
     * Writes the values that the codes of a linear stand for.
     *
     * @param backend where the target lives
     * @param tensors holds the codes, and the table if the linear has one of its own
     * @param linear name of the linear
     * @param target receives the values, [m × n]
     */
    void decode(ComputeBackend backend, TensorSource tensors, String linear, Matrix target);

    /** {@code length}, rounded up to a multiple of {@code unit}. */
    static int padded(int length, int unit) {
        return Math.multiplyExact(Math.ceilDiv(length, unit), unit);
    }
}
