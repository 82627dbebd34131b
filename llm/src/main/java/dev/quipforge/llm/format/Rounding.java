package dev.quipforge.llm.format;

import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.llm.safetensors.Tensor;

/** One matrix on its way to codes. */
public interface Rounding extends AutoCloseable {

    /**
     * Rounds all weights.
     *
     * @param hessian H, symmetric [n × n]
     * @param weights W, [m × n]; becomes the errors W − Ŵ
     * @param rounded receives Ŵ, same shape
     * @return what had to be added to the diagonal of H, as a part of its mean; 0 where H was positive definite
     * @throws dev.quipforge.engine.compute.NotPositiveDefiniteException when even the most damping does not help
     */
    double round(Matrix hessian, Matrix weights, Matrix rounded);

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
