package dev.quipforge.llm.format;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.conditioning.KroneckerOrthogonal;
import dev.quipforge.engine.incoherence.Hadamard;
import dev.quipforge.llm.config.QuantizationConfig;
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

    /**
     * The transform of an input side.
     *
     * @param config says which kind
     * @param group key of the group that shares the input
     * @param order width of the input
     */
    static OrthogonalTransform ofInputs(QuantizationConfig config, String group, int order) {
        return of(config, group + ".U", order);
    }

    /**
     * The transform of an output side.
     *
     * @param config says which kind
     * @param linear name of the linear
     * @param order number of outputs
     */
    static OrthogonalTransform ofOutputs(QuantizationConfig config, String linear, int order) {
        return of(config, linear + ".V", order);
    }

    private static OrthogonalTransform of(QuantizationConfig config, String name, int order) {
        return config.transform().equals(QuantizationConfig.KRONECKER)
                ? new Kronecker(KroneckerOrthogonal.draw(config.seed(), name, order))
                : new Blocks(Hadamard.fitting(order));
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
