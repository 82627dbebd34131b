package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.model.Input;
import dev.quipforge.llm.model.Layout;
import dev.quipforge.llm.model.LinearGroup;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.weights.LinearWeights;
import dev.quipforge.llm.weights.WeightLoader;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** One decoder block that owns its weights; close it to free them. */
final class DecoderBlock implements AutoCloseable {

    private final Workspace workspace;
    private final BlockForward forward;
    private final BlockWeights weights;

    private DecoderBlock(Workspace workspace, BlockForward forward, BlockWeights weights) {
        this.workspace = workspace;
        this.forward = forward;
        this.weights = weights;
    }

    /** Loads the weights of one block, decoded where they are quantized. */
    static DecoderBlock load(ComputeBackend backend, ModelDirectory model, int block) {
        Workspace workspace = backend.workspace();
        try {
            Map<Input, List<Matrix>> linears = new EnumMap<>(Input.class);
            for (Input input : Input.values()) {
                linears.put(input, linears(backend, workspace, model, LinearGroup.of(block, input)));
            }
            BlockWeights weights = new BlockWeights(
                    norm(backend, workspace, model, Layout.attentionNorm(block)),
                    norm(backend, workspace, model, Layout.mlpNorm(block)),
                    linears);
            return new DecoderBlock(workspace, new BlockForward(backend, workspace, model.config()), weights);
        } catch (RuntimeException e) {
            workspace.close();
            throw e;
        }
    }

    private static List<Matrix> linears(
            ComputeBackend backend, Workspace workspace, ModelDirectory model, LinearGroup group) {
        return group.linears().stream()
                .map(linear -> LinearWeights.load(backend, workspace, model, linear))
                .toList();
    }

    private static Matrix norm(ComputeBackend backend, Workspace workspace, ModelDirectory model, String tensor) {
        return WeightLoader.load(backend, workspace, model.weights().tensor(tensor));
    }

    /** As {@link BlockForward#run(BlockWeights, Matrix, int, Activations, InputListener)}. */
    void forward(Matrix hidden, int windows, Activations room, InputListener listener) {
        forward.run(weights, hidden, windows, room, listener);
    }

    /** As {@link BlockForward#advance}. */
    void forward(Matrix hidden, Activations room, Matrix keys, Matrix values) {
        forward.advance(weights, hidden, room, keys, values);
    }

    /** As {@link BlockForward#advance(BlockWeights, int, Matrix, Activations, BatchCache)}. */
    void forward(Matrix hidden, int block, Activations room, BatchCache cache) {
        forward.advance(weights, block, hidden, room, cache);
    }

    @Override
    public void close() {
        workspace.close();
    }
}
