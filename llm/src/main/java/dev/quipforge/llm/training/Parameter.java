package dev.quipforge.llm.training;

import dev.quipforge.engine.compute.AdamStep;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;

/**
 * What is trained: a matrix, or a vector as one row. All matrices have the same shape.
 *
 * @param name name of the tensor that it is in a checkpoint
 * @param kind decides its rate
 * @param value its value
 * @param gradient of the loss with respect to it
 * @param mean running mean of gradients
 * @param square running mean of their squares
 * @param best the value that was best on the validation windows
 */
public record Parameter(
        String name, Kind kind, Matrix value, Matrix gradient, Matrix mean, Matrix square, Matrix best) {

    /** Kinds of parameters. */
    public enum Kind {
        /** A vector near 1: a norm, or the factors on a vector of signs. */
        VECTOR,
        /** A dense weight. */
        WEIGHT
    }

    /**
     * A parameter that begins with {@code value} and trains it.
     *
     * @param workspace owner of the rest
     */
    static Parameter of(Workspace workspace, String name, Kind kind, Matrix value) {
        return new Parameter(
                name,
                kind,
                value,
                like(workspace, value),
                like(workspace, value),
                like(workspace, value),
                like(workspace, value));
    }

    private static Matrix like(Workspace workspace, Matrix model) {
        return workspace.matrix(model.rows(), model.columns());
    }

    /** One step of Adam; the gradient is zero afterwards. */
    public void step(ComputeBackend backend, AdamStep step) {
        backend.gradient().adam(step, value, gradient, mean, square);
    }

    /** The value becomes the best. */
    public void keep(ComputeBackend backend) {
        backend.dense().copy(value, best);
    }

    /** The best becomes the value. */
    public void restore(ComputeBackend backend) {
        backend.dense().copy(best, value);
    }
}
