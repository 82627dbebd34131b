package dev.quipforge.engine.incoherence;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.hadamard.Hadamard;
import java.util.function.Consumer;

/** The orthogonal matrix U of one side of a linear, applied to matrices in place. */
public sealed interface OrthogonalTransform {

    /** Every row x becomes U x. */
    void rows(ComputeBackend backend, Matrix matrix);

    /** Every row x becomes Uᵀ x. */
    void rowsInverse(ComputeBackend backend, Matrix matrix);

    /** Every column x becomes U x. */
    void columns(ComputeBackend backend, Matrix matrix);

    /** Every column x becomes Uᵀ x. */
    void columnsInverse(ComputeBackend backend, Matrix matrix);

    /** Where the matrix comes from. */
    enum Kind {
        /** Fast Hadamard transforms (QuIP#, section 3). */
        HADAMARD("hadamard"),

        /** Products of two random orthogonal matrices (QuIP, section 4.1). */
        KRONECKER("kronecker");

        private final String key;

        Kind(String key) {
            this.key = key;
        }

        /** The name in recipes and checkpoints. */
        public String key() {
            return key;
        }
    }

    /**
     * The transform of an input side.
     *
     * @param kind where it comes from
     * @param seed seed of the job
     * @param input key of what the linears read
     * @param order width of the input
     */
    static OrthogonalTransform ofInputs(Kind kind, long seed, String input, int order) {
        return of(kind, seed, input + ".U", order);
    }

    /**
     * The transform of an output side.
     *
     * @param kind where it comes from
     * @param seed seed of the job
     * @param linear name of the linear
     * @param order number of outputs
     */
    static OrthogonalTransform ofOutputs(Kind kind, long seed, String linear, int order) {
        return of(kind, seed, linear + ".V", order);
    }

    private static OrthogonalTransform of(Kind kind, long seed, String name, int order) {
        return switch (kind) {
            case HADAMARD -> new Blocks(Hadamard.fitting(order));
            case KRONECKER -> new Kronecker(KroneckerOrthogonal.draw(seed, name, order));
        };
    }

    /**
     * Fast Hadamard transforms (QuIP#, section 3).
     *
     * @param hadamard the blocks that fit the side
     */
    record Blocks(Hadamard hadamard) implements OrthogonalTransform {

        @Override
        public void rows(ComputeBackend backend, Matrix matrix) {
            backend.hadamard().transformRows(hadamard, matrix);
        }

        @Override
        public void rowsInverse(ComputeBackend backend, Matrix matrix) {
            backend.hadamard().transformRowsInverse(hadamard, matrix);
        }

        @Override
        public void columns(ComputeBackend backend, Matrix matrix) {
            backend.hadamard().transformColumns(hadamard, matrix);
        }

        @Override
        public void columnsInverse(ComputeBackend backend, Matrix matrix) {
            backend.hadamard().transformColumnsInverse(hadamard, matrix);
        }
    }

    /**
     * The product of two random orthogonal matrices (QuIP, section 4.1).
     *
     * @param matrix the product
     */
    record Kronecker(KroneckerOrthogonal matrix) implements OrthogonalTransform {

        @Override
        public void rows(ComputeBackend backend, Matrix target) {
            matrix.transformRows(backend, target);
        }

        @Override
        public void rowsInverse(ComputeBackend backend, Matrix target) {
            matrix.transformRowsInverse(backend, target);
        }

        @Override
        public void columns(ComputeBackend backend, Matrix target) {
            withoutGaps(backend, target, packed -> matrix.transformColumns(backend, packed));
        }

        @Override
        public void columnsInverse(ComputeBackend backend, Matrix target) {
            withoutGaps(backend, target, packed -> matrix.transformColumnsInverse(backend, packed));
        }

        /** The rows of a padded matrix have gaps, which the products of column blocks do not take. */
        private static void withoutGaps(ComputeBackend backend, Matrix target, Consumer<Matrix> transform) {
            try (Workspace workspace = backend.workspace()) {
                Matrix packed = workspace.matrix(target.rows(), target.columns());
                backend.dense().copy(target, packed);
                transform.accept(packed);
                backend.dense().copy(packed, target);
            }
        }
    }
}
