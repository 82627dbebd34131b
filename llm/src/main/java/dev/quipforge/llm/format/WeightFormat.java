package dev.quipforge.llm.format;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.safetensors.TensorSource;

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
     * Writes the values that the codes of a linear stand for.
     *
     * @param backend where the target lives
     * @param tensors holds the codes
     * @param linear name of the linear
     * @param target receives the values, [m × n]
     */
    void decode(ComputeBackend backend, TensorSource tensors, String linear, Matrix target);

    /** {@code length}, rounded up to a multiple of {@code unit}. */
    static int padded(int length, int unit) {
        return Math.multiplyExact(Math.ceilDiv(length, unit), unit);
    }
}
