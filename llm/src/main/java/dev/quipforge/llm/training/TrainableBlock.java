package dev.quipforge.llm.training;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.InputSpec;
import dev.quipforge.llm.architecture.NormSpec;
import dev.quipforge.llm.safetensors.WritableTensor;
import dev.quipforge.llm.transformer.BlockTensors;
import dev.quipforge.llm.transformer.BlockWeights;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The parameters of one decoder block in training: norms, linears that are dense yet, vectors and tables of the others. Biases,
 * sinks and routers stay as they are.
 */
public final class TrainableBlock {

    private final ComputeBackend backend;
    private final BlockSpec spec;
    private final Map<String, Matrix> fixed;
    private final Map<NormSpec, Parameter> norms = new LinkedHashMap<>();
    private final Map<String, TrainableLinear> linears = new LinkedHashMap<>();

    /**
     * Loads a block.
     *
     * @param backend where to
     * @param workspace owner of everything in it
     * @param source where it comes from
     * @param block its index
     * @param buffers where its quantized linears compute, and whether their tables are trained
     */
    TrainableBlock(
            ComputeBackend backend,
            Workspace workspace,
            TrainingSource source,
            int block,
            TrainingSource.TrainingBuffers buffers) {
        this.backend = backend;
        this.spec = source.model().config().architecture().blocks().get(block);
        this.fixed = new BlockTensors(backend, workspace, source.model()).fixed(spec);
        for (NormSpec norm : spec.allNorms()) {
            norms.put(norm, source.norm(backend, workspace, norm));
        }
        for (InputSpec input : spec.inputs()) {
            List<TrainableLinear> reading = source.linears(backend, workspace, input, spec, buffers);
            for (int i = 0; i < reading.size(); i++) {
                linears.put(input.linears().get(i).weightName(), reading.get(i));
            }
        }
    }

    /** All that is trained. */
    public List<Parameter> parameters() {
        Set<Parameter> parameters = new LinkedHashSet<>(norms.values());
        linears.values().forEach(linear -> parameters.addAll(linear.parameters()));
        return List.copyOf(parameters);
    }

    /** The weights that the parameters make now; valid until the buffers are used for another block. */
    public BlockWeights weights() {
        linears.values().forEach(TrainableLinear::refresh);
        Map<String, Matrix> matrices = new LinkedHashMap<>(fixed);
        matrices.putAll(trained(Parameter::value, TrainableLinear::weight));
        return new BlockWeights(spec, matrices);
    }

    /** Where a backward pass adds gradients with respect to the weights; {@link #pullBack} must follow it. */
    public BlockWeights gradients() {
        return new BlockWeights(spec, trained(Parameter::gradient, TrainableLinear::gradient));
    }

    private Map<String, Matrix> trained(
            Function<Parameter, Matrix> ofNorm, Function<TrainableLinear, Matrix> ofLinear) {
        Map<String, Matrix> matrices = new LinkedHashMap<>();
        norms.forEach((norm, parameter) -> matrices.put(norm.tensor(), ofNorm.apply(parameter)));
        linears.forEach((name, linear) -> matrices.put(name, ofLinear.apply(linear)));
        return matrices;
    }

    /** Takes the gradients with respect to the weights on to the parameters. */
    public void pullBack() {
        linears.values().forEach(TrainableLinear::pullBack);
    }

    /** The parameters as a checkpoint stores them, F32. */
    public List<WritableTensor> tensors() {
        List<WritableTensor> tensors = new ArrayList<>();
        norms.forEach((norm, parameter) -> tensors.add(StoredVectors.norm(backend, norm, parameter.value())));
        linears.values().forEach(linear -> tensors.addAll(linear.tensors()));
        return tensors;
    }
}
