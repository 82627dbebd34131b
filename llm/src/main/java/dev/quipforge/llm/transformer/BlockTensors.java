package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.FeedForwardSpec.Experts;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.architecture.NormSpec;
import dev.quipforge.llm.architecture.RouterSpec;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.rows.WeightLoader;
import dev.quipforge.llm.safetensors.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Brings what a block has beside the weights of its linears into a backend's memory.
 *
 * @param backend where to
 * @param workspace owner of it
 * @param model where it comes from
 */
public record BlockTensors(ComputeBackend backend, Workspace workspace, ModelDirectory model) {

    /** All of it, by the names in {@link BlockWeights}: what is {@link #fixed}, and the norms. */
    Map<String, Matrix> all(BlockSpec block) {
        Map<String, Matrix> matrices = fixed(block);
        block.allNorms().forEach(norm -> matrices.put(norm.tensor(), norm(norm)));
        return matrices;
    }

    /** Biases, sinks and the router, by their names in {@link BlockWeights}. */
    public Map<String, Matrix> fixed(BlockSpec block) {
        Map<String, Matrix> matrices = new LinkedHashMap<>();
        for (LinearSpec linear : block.linears()) {
            linear.bias()
                    .ifPresent(part -> matrices.put(
                            linear.biasName(), workspace.rowOf(model.dense().bias(linear))));
        }
        block.attention().sinks().ifPresent(sinks -> matrices.put(sinks, load(sinks)));
        if (block.feedForward() instanceof Experts experts) {
            RouterSpec router = experts.router();
            matrices.put(router.weight(), load(router.weight()));
            router.bias().ifPresent(bias -> matrices.put(bias, load(bias)));
            router.correction().ifPresent(correction -> matrices.put(correction, load(correction)));
        }
        return matrices;
    }

    /** The weight of a norm with its offset, [1 × width]. */
    public Matrix norm(NormSpec norm) {
        return norm(norm, model.weights().tensor(norm.tensor()));
    }

    /** The same of another tensor in its place. */
    public Matrix norm(NormSpec norm, Tensor tensor) {
        if (norm.offset() == 0) {
            return WeightLoader.load(backend, workspace, tensor);
        }
        float[] weights = tensor.floats();
        for (int i = 0; i < weights.length; i++) {
            weights[i] += norm.offset();
        }
        return workspace.rowOf(weights);
    }

    private Matrix load(String tensor) {
        return WeightLoader.load(backend, workspace, model.weights().tensor(tensor));
    }
}
