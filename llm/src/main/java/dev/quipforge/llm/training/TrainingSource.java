package dev.quipforge.llm.training;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.format.Formats;
import dev.quipforge.llm.format.StoredTensor;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.quantization.GroupFiles;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.TensorSource;
import dev.quipforge.llm.weights.LinearDecoder;
import dev.quipforge.llm.weights.LinearTransform;
import dev.quipforge.llm.weights.Overlay;
import dev.quipforge.llm.weights.WeightLoader;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/** Where a model in training comes from: the original, what of it is quantized so far, and what was tuned so far. */
public final class TrainingSource implements AutoCloseable {

    private static final String WEIGHT = ".weight";

    private final ModelDirectory model;
    private final QuantizationConfig config;
    private final GroupFiles groups;
    private final Overlay overlay;

    private TrainingSource(ModelDirectory model, QuantizationConfig config, GroupFiles groups, Overlay overlay) {
        this.model = model;
        this.config = config;
        this.groups = groups;
        this.overlay = overlay;
    }

    /**
     * Opens the files; {@code model} remains the caller's.
     *
     * @param model the original
     * @param config how it is quantized
     * @param groups files of the quantized groups so far
     * @param overlays files of what was tuned so far, in the order of {@link Overlay}
     */
    public static TrainingSource open(
            ModelDirectory model, QuantizationConfig config, List<Path> groups, List<Path> overlays) {
        GroupFiles opened = GroupFiles.open(groups);
        try {
            return new TrainingSource(model, config, opened, Overlay.open(overlays));
        } catch (RuntimeException e) {
            opened.close();
            throw e;
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

    /** A linear, quantized or not yet. */
    TrainableLinear linear(ComputeBackend backend, Workspace workspace, String linear, BlockRoom room, Tables tables) {
        if (!groups.isQuantized(linear)) {
            String tensor = linear + WEIGHT;
            return new DenseLinear(backend, parameter(backend, workspace, tensor, tensor, Parameter.Kind.WEIGHT));
        }
        RoundedLinear.Rounded rounded = rounded(backend, workspace, linear, tables);
        RoundedLinear.Vectors factors = new RoundedLinear.Vectors(
                factors(workspace, linear + StoredTensor.INPUT_SIGNS),
                factors(workspace, linear + StoredTensor.OUTPUT_SCALES));
        return new RoundedLinear(backend, workspace, rounded, factors, room.of(linear));
    }

    private RoundedLinear.Rounded rounded(ComputeBackend backend, Workspace workspace, String linear, Tables tables) {
        LinearDecoder decoder = new LinearDecoder(backend, config);
        TensorSource codes = new WithTables(groups, overlay);
        Matrix weight = decoder.decode(workspace, codes, model.layout(), linear);
        LinearTransform transform = decoder.transform(workspace, groups, model.layout(), linear);
        Optional<TrainableTable> table = Optional.of(tables)
                .filter(Tables.TRAINED::equals)
                .flatMap(_ -> Formats.of(config).tableCodes(backend, workspace, codes, linear))
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
        try (Arena arena = Arena.ofConfined()) {
            return workspace.copyOf(HostMatrix.of(arena, 1, tuned.length, tuned));
        }
    }

    @Override
    public void close() {
        groups.close();
        overlay.close();
    }
}
