package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.architecture.NormSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The matrices of one decoder block, or the gradients with respect to those that are trained.
 *
 * @param spec what the block computes
 * @param matrices by name: weights [outputs × inputs] by {@link LinearSpec#weightName}, biases [1 × outputs] by {@link
 *     LinearSpec#biasName}, everything else by its tensor; norms with their offset added
 */
public record BlockWeights(BlockSpec spec, Map<String, Matrix> matrices) {

    public BlockWeights {
        matrices = Map.copyOf(matrices);
    }

    /** The weight of a linear. */
    public Matrix of(LinearSpec linear) {
        return of(linear.weightName());
    }

    /** The weights of linears that read the same. */
    List<Matrix> of(List<LinearSpec> linears) {
        return linears.stream().map(this::of).toList();
    }

    /** The weight of a norm, [1 × width]. */
    Matrix of(NormSpec norm) {
        return of(norm.tensor());
    }

    /** The matrix of that name. */
    Matrix of(String name) {
        return find(name).orElseThrow(() -> new IllegalStateException(name + ": not in block " + spec.index()));
    }

    /** The matrix of that name; empty where it is none of the block's, or is not trained. */
    Optional<Matrix> find(String name) {
        return Optional.ofNullable(matrices.get(name));
    }
}
