package dev.quipforge.llm.training;

import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.InputSpec;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.architecture.NormSpec;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.format.Formats;
import dev.quipforge.llm.format.StoredTensor;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.quantization.GroupFiles;
import dev.quipforge.llm.rows.RowsLoader;
import dev.quipforge.llm.rows.WeightLoader;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.TensorSource;
import dev.quipforge.llm.transformer.BlockTensors;
import dev.quipforge.llm.weights.LinearDecoder;
import dev.quipforge.llm.weights.LinearTransform;
import dev.quipforge.llm.weights.Overlay;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/** Where a model in training comes from: the original, what of it is quantized so far, and what was tuned so far. */
public final class TrainingSource implements AutoCloseable {

    private final ModelDirectory model;
    private final QuantizationScheme scheme;
    private final GroupFiles groups;
    private final Overlay overlay;

    private TrainingSource(ModelDirectory model, QuantizationScheme scheme, GroupFiles groups, Overlay overlay) {
        this.model = model;
        this.scheme = scheme;
        this.groups = groups;
        this.overlay = overlay;
    }

    /**
     * Opens the files; {@code model} remains the caller's.
     *
     * @param model the original
     * @param scheme how it is quantized
     * @param groups files of the quantized groups so far
     * @param overlays files of what was tuned so far, in the order of {@link Overlay}
     */
    public static TrainingSource open(
            ModelDirectory model, QuantizationScheme scheme, List<Path> groups, List<Path> overlays) {
        GroupFiles files = GroupFiles.open(groups);
        try (CloseOnFailure opened = new CloseOnFailure(files::close)) {
            return opened.keep(new TrainingSource(model, scheme, files, Overlay.open(overlays)));
        }
    }

    /** The original. */
    public ModelDirectory model() {
        return model;
    }

    /** What is quantized. */
    public GroupFiles groups() {
        return groups;
    }

    /** A tensor of the original. */
    Matrix original(ComputeBackend backend, Workspace workspace, String tensor) {
        return WeightLoader.load(backend, workspace, model.weights().tensor(tensor));
    }

    /** A parameter that begins as it was tuned so far, else as in the original's tensor {@code from}. */
    Parameter parameter(ComputeBackend backend, Workspace workspace, String tensor, String from, Parameter.Kind kind) {
        Matrix value = WeightLoader.load(
                backend,
                workspace,
                overlay.contains(tensor)
                        ? overlay.over(model.weights(), tensor)
                        : model.weights().tensor(from));
        return Parameter.of(workspace, tensor, kind, value);
    }

    /** The norm as it was tuned so far, with its offset. */
    Parameter norm(ComputeBackend backend, Workspace workspace, NormSpec norm) {
        Matrix value =
                new BlockTensors(backend, workspace, model).norm(norm, overlay.over(model.weights(), norm.tensor()));
        return Parameter.of(workspace, norm.tensor(), Parameter.Kind.VECTOR, value);
    }

    /**
     * The linears of a block that read one input, quantized or not yet. Those that are quantized share the vector on their
     * input's side.
     */
    List<TrainableLinear> linears(
            ComputeBackend backend, Workspace workspace, InputSpec input, BlockSpec block, TrainingBuffers buffers) {
        Optional<Parameter> inputs = input.linears().stream()
                .map(LinearSpec::name)
                .filter(groups::isQuantized)
                .findFirst()
                .map(linear -> vector(workspace, linear + StoredTensor.INPUT_SIGNS));
        List<TrainableLinear> linears = new ArrayList<>();
        for (LinearSpec linear : input.linears()) {
            linears.add(
                    groups.isQuantized(linear.name())
                            ? rounded(backend, workspace, linear, inputs.orElseThrow(), block, buffers)
                            : dense(backend, workspace, linear));
        }
        return linears;
    }

    /**
     * Where quantized linears compute, and what becomes of their tables.
     *
     * @param buffers where they compute
     * @param tables whether tables of codes are trained
     */
    record TrainingBuffers(BlockBuffers buffers, TablePolicy tables) {}

    private TrainableLinear dense(ComputeBackend backend, Workspace workspace, LinearSpec linear) {
        String tensor = linear.weightName();
        Matrix value = overlay.contains(tensor)
                ? WeightLoader.load(
                        backend,
                        workspace,
                        overlay.tensor(tensor)
                                .requireFloating()
                                .requireShape(linear.shape().asList()))
                : RowsLoader.load(backend, workspace, model.dense().rows(linear));
        return new DenseLinear(backend, Parameter.of(workspace, tensor, Parameter.Kind.WEIGHT, value));
    }

    private TrainableLinear rounded(
            ComputeBackend backend,
            Workspace workspace,
            LinearSpec linear,
            Parameter inputs,
            BlockSpec block,
            TrainingBuffers buffers) {
        RoundedLinear.Rounded rounded = rounded(backend, workspace, linear.name(), buffers.tables);
        Parameter outputs = vector(workspace, linear.name() + StoredTensor.OUTPUT_SCALES);
        return new RoundedLinear(
                backend, rounded, new RoundedLinear.Vectors(inputs, outputs), buffers.buffers.of(block, linear));
    }

    private Parameter vector(Workspace workspace, String tensor) {
        return Parameter.of(workspace, tensor, Parameter.Kind.VECTOR, factors(workspace, tensor));
    }

    private RoundedLinear.Rounded rounded(
            ComputeBackend backend, Workspace workspace, String linear, TablePolicy tables) {
        LinearDecoder decoder = new LinearDecoder(backend, scheme);
        TensorSource codes = new WithTables(groups, overlay);
        Matrix weight = decoder.decode(workspace, codes, model.layout(), linear);
        LinearTransform transform = decoder.transform(workspace, groups, model.layout(), linear);
        Optional<TrainableTable> table = Optional.of(tables)
                .filter(TablePolicy.TRAINED::equals)
                .flatMap(_ -> Formats.of(scheme.forGroup(model.layout().groupOf(linear)))
                        .tableCodes(backend, workspace, codes, linear))
                .map(read -> new TrainableTable(
                        Parameter.of(
                                workspace, linear + StoredTensor.TABLE, Parameter.Kind.TABLE, read.table(workspace)),
                        read,
                        transform,
                        weight));
        return new RoundedLinear.Rounded(linear, weight, transform.inputSigns(), transform.outputScales(), table);
    }

    /**
     * The quantized groups with the tables that were tuned so far.
     *
     * @param groups what was quantized
     * @param overlay what was tuned
     */
    private record WithTables(GroupFiles groups, Overlay overlay) implements TensorSource {

        @Override
        public SortedSet<String> names() {
            SortedSet<String> names = groups.names();
            overlay.names().stream().filter(this::isTuned).forEach(names::add);
            return names;
        }

        @Override
        public boolean contains(String name) {
            return isTuned(name) || groups.contains(name);
        }

        @Override
        public Tensor tensor(String name) {
            return isTuned(name) ? overlay.tensor(name) : groups.tensor(name);
        }

        private boolean isTuned(String name) {
            return name.endsWith(StoredTensor.TABLE) && overlay.contains(name);
        }
    }

    /** What a vector of the rounding was multiplied by so far; 1 where it is 0 and so always will be. */
    private Matrix factors(Workspace workspace, String tensor) {
        float[] original = groups.tensor(tensor).floats();
        float[] tuned = overlay.over(groups, tensor).floats();
        for (int i = 0; i < tuned.length; i++) {
            tuned[i] = original[i] == 0 ? 1 : tuned[i] / original[i];
        }
        return workspace.rowOf(tuned);
    }

    @Override
    public void close() {
        groups.close();
        overlay.close();
    }
}
