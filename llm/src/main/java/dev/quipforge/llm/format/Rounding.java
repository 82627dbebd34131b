package dev.quipforge.llm.format;

import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.llm.safetensors.Tensor;
import java.util.List;
import java.util.OptionalDouble;

/** One matrix on its way to codes: one part, or several of equal height below each other with a Hessian each. */
public interface Rounding extends AutoCloseable {

    /**
     * Rounds all weights. What is above and below a part changes nothing in it; on the CPU not a bit, on a card not more than
     * another order of its sums does.
     *
     * @param hessians H of every part from above, each symmetric [n × n]
     * @param weights W, [m × n], as many parts, their height a multiple of the format's unit; becomes the errors W − Ŵ
     * @param rounded receives Ŵ, same shape
     * @return for every part what had to be added to the diagonal of its H, as a part of its mean; 0 where H was positive
     *     definite; empty where even the most damping does not help: this part's codes are of no use then
     */
    List<OptionalDouble> round(List<Matrix> hessians, Matrix weights, Matrix rounded);

    /**
     * The codes of some rows, once all are rounded.
     *
     * @param linear the linear that they are
     * @param first first row, a multiple of the format's unit
     * @param end row after the last, likewise
     */
    Tensor codes(String linear, int first, int end);

    /** Time in the encoder so far. */
    double seconds();

    /** Frees what the rounding holds; some hold nothing. */
    @Override
    default void close() {}
}
