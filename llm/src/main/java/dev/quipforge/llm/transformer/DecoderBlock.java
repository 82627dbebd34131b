package dev.quipforge.llm.transformer;

import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.FeedForwardSpec.Experts;
import dev.quipforge.llm.architecture.FeedForwardSpec.Gated;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.weights.LinearWeights;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The weights of one decoder block, which it owns; close it to free them. */
final class DecoderBlock implements AutoCloseable {

    private final ComputeBackend backend;
    private final ModelDirectory model;
    private final Workspace workspace;
    private final BlockWeights weights;

    private DecoderBlock(ComputeBackend backend, ModelDirectory model, Workspace workspace, BlockWeights weights) {
        this.backend = backend;
        this.model = model;
        this.workspace = workspace;
        this.weights = weights;
    }

    /** Loads the weights of one block, decoded where they are quantized. */
    static DecoderBlock load(ComputeBackend backend, ModelDirectory model, int block) {
        BlockSpec spec = model.config().architecture().blocks().get(block);
        return load(backend, model, spec, spec.linears());
    }

    /** The same without experts, which {@link #lend} loads when it is their turn: a block of many need not fit into memory. */
    static DecoderBlock loadWithoutExperts(ComputeBackend backend, ModelDirectory model, int block) {
        BlockSpec spec = model.config().architecture().blocks().get(block);
        Set<LinearSpec> experts = spec.feedForward() instanceof Experts mixture
                ? mixture.experts().stream()
                        .flatMap(expert -> linears(expert).stream())
                        .collect(Collectors.toSet())
                : Set.of();
        List<LinearSpec> others = spec.linears().stream()
                .filter(linear -> !experts.contains(linear))
                .toList();
        return load(backend, model, spec, others);
    }

    private static List<LinearSpec> linears(Gated gated) {
        return List.of(gated.gate(), gated.up(), gated.down());
    }

    private static DecoderBlock load(
            ComputeBackend backend, ModelDirectory model, BlockSpec spec, List<LinearSpec> linears) {
        Workspace workspace = backend.workspace();
        try (CloseOnFailure opened = new CloseOnFailure(workspace::close)) {
            Map<String, Matrix> matrices = new BlockTensors(backend, workspace, model).all(spec);
            for (LinearSpec linear : linears) {
                matrices.put(linear.weightName(), LinearWeights.load(backend, workspace, model, linear));
            }
            return opened.keep(new DecoderBlock(backend, model, workspace, new BlockWeights(spec, matrices)));
        }
    }

    BlockWeights weights() {
        return weights;
    }

    /** As {@link ExpertWeights} says, of a block that was loaded without experts; its model must be open. */
    void lend(Gated expert, Consumer<BlockWeights> work) {
        try (Workspace temporary = backend.workspace()) {
            Map<String, Matrix> matrices = new HashMap<>(weights.matrices());
            for (LinearSpec linear : linears(expert)) {
                matrices.put(linear.weightName(), LinearWeights.load(backend, temporary, model, linear));
            }
            work.accept(new BlockWeights(weights.spec(), matrices));
        }
    }

    @Override
    public void close() {
        workspace.close();
    }
}
