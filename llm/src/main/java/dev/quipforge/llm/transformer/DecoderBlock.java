package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.architecture.NormSpec;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.weights.LinearWeights;
import java.util.Map;

/** The weights of one decoder block, which it owns; close it to free them. */
final class DecoderBlock implements AutoCloseable {

    private final Workspace workspace;
    private final BlockWeights weights;

    private DecoderBlock(Workspace workspace, BlockWeights weights) {
        this.workspace = workspace;
        this.weights = weights;
    }

    /** Loads the weights of one block, decoded where they are quantized. */
    static DecoderBlock load(ComputeBackend backend, ModelDirectory model, int block) {
        Workspace workspace = backend.workspace();
        try (CloseOnFailure opened = new CloseOnFailure(workspace::close)) {
            BlockSpec spec = model.config().architecture().blocks().get(block);
            BlockTensors tensors = new BlockTensors(backend, workspace, model);
            Map<String, Matrix> matrices = tensors.fixed(spec);
            for (LinearSpec linear : spec.linears()) {
                matrices.put(linear.weightName(), LinearWeights.load(backend, workspace, model, linear));
            }
            for (NormSpec norm : spec.allNorms()) {
                matrices.put(norm.tensor(), tensors.norm(norm));
            }
            return opened.keep(new DecoderBlock(workspace, new BlockWeights(spec, matrices)));
        }
    }

    BlockWeights weights() {
        return weights;
    }

    @Override
    public void close() {
        workspace.close();
    }
}
