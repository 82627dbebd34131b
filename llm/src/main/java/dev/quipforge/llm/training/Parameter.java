package dev.quipforge.llm.training;

import dev.quipforge.engine.compute.AdamStep;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;

/** What is trained: a matrix, or a vector as one row, with its gradient and what Adam remembers, all of the same shape. */
public final class Parameter {

    private final String name;
    private final Kind kind;
    private final Matrix value;
    private final Matrix gradient;
    private final Matrix mean;
    private final Matrix square;
    private final Matrix best;
    private int version;

    /** Kinds of parameters. */
    public enum Kind {
        /** A vector near 1: a norm, or the factors on a vector of signs. */
        VECTOR,
        /** A table of values near 1, from which the weights of a linear are taken. */
        TABLE,
        /** A dense weight. */
        WEIGHT
    }

    private Parameter(Workspace workspace, String name, Kind kind, Matrix value) {
        this.name = name;
        this.kind = kind;
        this.value = value;
        this.gradient = like(workspace, value);
        this.mean = like(workspace, value);
        this.square = like(workspace, value);
        this.best = like(workspace, value);
    }

    /**
     * A parameter that begins with {@code value} and trains it.
     *
     * @param workspace owner of the rest
     * @param name name of the tensor that it is in a checkpoint
     * @param kind decides its rate
     */
    static Parameter of(Workspace workspace, String name, Kind kind, Matrix value) {
        return new Parameter(workspace, name, kind, value);
    }

    private static Matrix like(Workspace workspace, Matrix model) {
        return workspace.matrix(model.rows(), model.columns());
    }

    /** Name of the tensor that it is in a checkpoint. */
    public String name() {
        return name;
    }

    /** Decides its rate. */
    public Kind kind() {
        return kind;
    }

    /** Its value; {@link #changed} must follow when someone else writes it. */
    public Matrix value() {
        return value;
    }

    /** Of the loss with respect to it. */
    public Matrix gradient() {
        return gradient;
    }

    /** Running mean of gradients. */
    public Matrix mean() {
        return mean;
    }

    /** Running mean of their squares. */
    public Matrix square() {
        return square;
    }

    /** The value that was best on the validation windows. */
    public Matrix best() {
        return best;
    }

    /** A number that changes with the value: what is made of the value is made again when it differs. */
    int version() {
        return version;
    }

    /** Says that the value was written. */
    public void changed() {
        version++;
    }

    /** One step of Adam; the gradient is zero afterwards. */
    public void step(ComputeBackend backend, AdamStep step) {
        backend.gradient().adam(step, value, gradient, mean, square);
        changed();
    }

    /** The value becomes the best. */
    public void keep(ComputeBackend backend) {
        backend.dense().copy(value, best);
    }

    /** The best becomes the value. */
    public void restore(ComputeBackend backend) {
        backend.dense().copy(best, value);
        changed();
    }
}
