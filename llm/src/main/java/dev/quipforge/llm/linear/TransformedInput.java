package dev.quipforge.llm.linear;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.engine.incoherence.OrthogonalTransform;
import java.util.HashMap;
import java.util.Map;

/** What packed linears multiply with in place of their common input, made once for those that transform it alike. */
final class TransformedInput {

    private final ComputeBackend backend;
    private final Workspace workspace;
    private final Matrix input;
    private final Map<Key, Matrix> made = new HashMap<>();

    /** The vector by identity: linears that share one are loaded with the same matrix. */
    private record Key(OrthogonalTransform transform, Matrix signs, int width) {}

    /**
     * Of one input.
     *
     * @param backend where it is
     * @param workspace owner of what is made
     * @param input x, one a row
     */
    TransformedInput(ComputeBackend backend, Workspace workspace, Matrix input) {
        this.backend = backend;
        this.workspace = workspace;
        this.input = input;
    }

    /** Unᵀ (SU ∘ x) with the zeros that the codes of the linear want, [t × columns of the codes]. */
    Matrix of(PackedLinear linear) {
        Key key = new Key(
                linear.transform().inputs(),
                linear.transform().inputSigns(),
                linear.codes().columns());
        return made.computeIfAbsent(key, _ -> make(linear));
    }

    private Matrix make(PackedLinear linear) {
        Matrix whole = workspace.matrix(input.rows(), linear.codes().columns());
        Matrix vectors = whole.columns(0, linear.inputs());
        backend.dense().copy(input, vectors);
        linear.transform().transformInput(vectors);
        return whole;
    }
}
