package dev.quipforge.llm.transformer;

import static java.util.Objects.requireNonNull;

import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.architecture.NormSpec;
import dev.quipforge.llm.linear.Linear;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The matrices of one decoder block, or the gradients with respect to those that are trained. Of a block that is served the linears
 * stand by themselves, and every token is computed by itself.
 *
 * @param spec what the block computes
 * @param matrices by name: weights [outputs × inputs] by {@link LinearSpec#weightName}, biases [1 × outputs] by {@link
 *     LinearSpec#biasName}, everything else by its tensor; norms with their offset added
 * @param linears of a block that is served, by the name of the linear; none otherwise
 */
public record BlockWeights(BlockSpec spec, Map<String, Matrix> matrices, Map<String, Linear> linears) {

    public BlockWeights {
        matrices = Map.copyOf(matrices);
        linears = Map.copyOf(linears);
    }

    /** Those of a block that computes whole windows. */
    public BlockWeights(BlockSpec spec, Map<String, Matrix> matrices) {
        this(spec, matrices, Map.of());
    }

    /** Whether every token is computed by itself ({@link dev.quipforge.engine.compute.DecodeOps}). */
    boolean isServed() {
        return !linears.isEmpty();
    }

    /** The linears that are served, in the order of their specifications. */
    List<Linear> served(List<LinearSpec> specs) {
        return specs.stream()
                .map(linear -> requireNonNull(linears.get(linear.name()), linear.name()))
                .toList();
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
