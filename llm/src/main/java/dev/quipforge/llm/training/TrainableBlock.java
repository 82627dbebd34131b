package dev.quipforge.llm.training;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.model.Input;
import dev.quipforge.llm.model.Layout;
import dev.quipforge.llm.model.LinearGroup;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.transformer.BlockWeights;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/** The parameters of one decoder block in training: norms, linears that are dense yet, vectors and tables of the others. */
public final class TrainableBlock {

    private final ComputeBackend backend;
    private final Parameter attentionNorm;
    private final Parameter mlpNorm;
    private final Map<Input, List<TrainableLinear>> linears = new EnumMap<>(Input.class);

    /**
     * Loads a block.
     *
     * @param backend where to
     * @param workspace owner of everything in it
     * @param source where it comes from
     * @param block its index
     * @param room where its quantized linears compute
     * @param tables whether tables of codes are trained
     */
    TrainableBlock(
            ComputeBackend backend,
            Workspace workspace,
            TrainingSource source,
            int block,
            BlockRoom room,
            Tables tables) {
        this.backend = backend;
        this.attentionNorm = norm(workspace, source, Layout.attentionNorm(block));
        this.mlpNorm = norm(workspace, source, Layout.mlpNorm(block));
        for (Input input : Input.values()) {
            linears.put(
                    input,
                    LinearGroup.of(block, input).linears().stream()
                            .map(linear -> source.linear(backend, workspace, linear, room, tables))
                            .toList());
        }
    }

    private Parameter norm(Workspace workspace, TrainingSource source, String tensor) {
        return source.parameter(backend, workspace, tensor, tensor, Parameter.Kind.VECTOR);
    }

    /** All that is trained. */
    public List<Parameter> parameters() {
        List<Parameter> parameters = new ArrayList<>(List.of(attentionNorm, mlpNorm));
        linears().forEach(linear -> parameters.addAll(linear.parameters()));
        return parameters;
    }

    /** The weights that the parameters make now; valid until the room is used for another block. */
    public BlockWeights weights() {
        linears().forEach(TrainableLinear::refresh);
        return matrices(attentionNorm.value(), mlpNorm.value(), TrainableLinear::weight);
    }

    /** Where a backward pass adds gradients with respect to the weights; {@link #pullBack} must follow it. */
    public BlockWeights gradients() {
        return matrices(attentionNorm.gradient(), mlpNorm.gradient(), TrainableLinear::gradient);
    }

    /** Takes the gradients with respect to the weights on to the parameters. */
    public void pullBack() {
        linears().forEach(TrainableLinear::pullBack);
    }

    /** The parameters as a checkpoint stores them, F32. */
    public List<Tensor> tensors() {
        List<Tensor> tensors = new ArrayList<>(Stream.of(attentionNorm, mlpNorm)
                .map(norm -> HostTensors.of(backend, norm.name(), norm.value()))
                .toList());
        linears().forEach(linear -> tensors.addAll(linear.tensors()));
        return tensors;
    }

    private Stream<TrainableLinear> linears() {
        return linears.values().stream().flatMap(List::stream);
    }

    private BlockWeights matrices(Matrix first, Matrix second, Function<TrainableLinear, Matrix> which) {
        Map<Input, List<Matrix>> matrices = new EnumMap<>(Input.class);
        linears.forEach(
                (input, list) -> matrices.put(input, list.stream().map(which).toList()));
        return new BlockWeights(first, second, matrices);
    }
}
