package dev.quipforge.llm.checkpoint;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.config.ConfigReader;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.file.AtomicFile;
import dev.quipforge.llm.format.Formats;
import dev.quipforge.llm.format.StoredTensor;
import dev.quipforge.llm.json.JsonFields;
import dev.quipforge.llm.json.StrictJson;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.rows.MatrixRows;
import dev.quipforge.llm.rows.RowsTensor;
import dev.quipforge.llm.safetensors.DataType;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.WritableTensor;
import dev.quipforge.llm.weights.LinearWeights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Makes an ordinary Hugging Face directory of a model whose linears are stored as codes: of one quantized by this project, of
 * 8-bit floats with scales, of MXFP4. Linears are decoded into the tensors that their family publishes; everything else stays as
 * it is. Any program reads the result.
 */
public final class DenseExport {

    /** What ends the names of scales for 8-bit activations, which mean nothing where weights are dense. */
    private static final List<String> ACTIVATION_SCALES = List.of(".input_scale", ".k_scale", ".v_scale");

    private static final String TEXT = "text_config";
    private static final String TYPE = "dtype";
    private static final String OLDER_TYPE = "torch_dtype";

    private final ComputeBackend backend;
    private final ModelDirectory model;
    private final DataType type;
    private final Progress progress;
    private final int linears;
    private int decoded;

    private DenseExport(ComputeBackend backend, ModelDirectory model, DataType type, Progress progress) {
        this.backend = backend;
        this.model = model;
        this.type = type;
        this.progress = progress;
        this.linears = model.linearGroups().stream()
                .mapToInt(group -> group.linears().size())
                .sum();
    }

    /**
     * Writes the directory, whole or not at all.
     *
     * @param backend decodes
     * @param model the model
     * @param type of the linears: BF16, F16 or F32; all other tensors keep theirs
     * @param output the directory to make; absent or empty
     * @return bytes of all weights
     * @throws InvalidModelException when the model is dense already
     * @throws IllegalArgumentException when the output directory holds something
     */
    public static long write(
            ComputeBackend backend, ModelDirectory model, DataType type, Path output, Progress progress) {
        AtomicFile.requireEmpty(output);
        requireCodes(model);
        return new DenseExport(backend, model, type, progress).write(output);
    }

    private static void requireCodes(ModelDirectory model) {
        boolean dense = model.config().quantization().isEmpty()
                && model.layout().parts().keySet().stream()
                        .allMatch(name -> model.weights().contains(name)
                                && model.weights().tensor(name).type().bytes() > 1);
        if (dense) {
            throw new InvalidModelException(
                    model.name(), "dense already, nothing to convert (expected: quantized, 8-bit or MXFP4 weights)");
        }
    }

    private long write(Path output) {
        ShardPlan plan = new ShardPlan(tensors(), ShardPlan.LARGEST);
        long[] bytes = new long[1];
        AtomicFile.writeDirectory(output, draft -> {
            progress.update(0, "writing the weights");
            bytes[0] = plan.write(draft);
            Companions.copy(model.path(), draft);
            AtomicFile.writeText(draft.resolve(ConfigReader.FILE), StrictJson.write(config(), true));
            Checksums.write(draft);
            progress.update(1, "the model is complete");
        });
        return bytes[0];
    }

    /** All tensors, in the order of their names. */
    private List<WritableTensor> tensors() {
        SortedMap<String, WritableTensor> tensors = new TreeMap<>();
        model.layout()
                .parts()
                .forEach((name, parts) -> tensors.put(name, new FusedTensor(type, parts, this::readWeight)));
        Set<String> read = namesOfLinears();
        for (String name : model.weights().names()) {
            if (!read.contains(name) && !isScale(name)) {
                tensors.put(name, other(name));
            }
        }
        return new ArrayList<>(tensors.values());
    }

    /** The names of everything that linears are decoded from. */
    private Set<String> namesOfLinears() {
        Set<String> names = new HashSet<>();
        for (LinearSpec linear :
                model.layout().parts().values().stream().flatMap(List::stream).toList()) {
            names.addAll(model.dense().weightNames(linear));
            model.config()
                    .quantization()
                    .ifPresent(scheme -> names.addAll(namesOfCodes(
                            linear.name(), scheme.forGroup(model.layout().groupOf(linear.name())))));
        }
        return names;
    }

    private static List<String> namesOfCodes(String linear, QuantizationConfig config) {
        return List.of(
                linear + Formats.of(config).suffix(),
                linear + StoredTensor.INPUT_SIGNS,
                linear + StoredTensor.OUTPUT_SCALES,
                linear + StoredTensor.TABLE);
    }

    /** Whether a tensor holds scales of 8-bit floats: of activations, or of another tensor. */
    private boolean isScale(String name) {
        return ACTIVATION_SCALES.stream().anyMatch(name::endsWith)
                || model.dense().isScaleOfOther(name);
    }

    /** A tensor that is no linear's: as it is, but where it is a matrix of 8-bit floats whose scales nobody would find. */
    private WritableTensor other(String name) {
        Tensor tensor = model.weights().tensor(name);
        return model.dense().isScaled(name)
                ? new RowsTensor(name, type, model.dense().scaled(name))
                : tensor;
    }

    private void readWeight(LinearSpec linear, FusedTensor.Reader reader) throws IOException {
        progress.update((double) decoded / linears, linear.name());
        if (model.config().isQuantized(linear.name())) {
            try (Workspace workspace = backend.workspace()) {
                reader.read(new MatrixRows(backend, LinearWeights.load(backend, workspace, model, linear)));
            }
        } else {
            reader.read(model.dense().rows(linear));
        }
        decoded++;
    }

    /** {@code config.json} of a model that never was quantized. */
    private Map<String, Object> config() {
        JsonFields original = StrictJson.read(model.path().resolve(ConfigReader.FILE));
        Map<String, Object> fields = original.asMap();
        fields.remove("quantization_config");
        fields.remove("quip_params");
        if (!renameType(fields)) {
            fields.put(OLDER_TYPE, nameOfType());
        }
        original.optionalObject(TEXT).map(JsonFields::asMap).ifPresent(text -> {
            renameType(text);
            fields.put(TEXT, text);
        });
        return fields;
    }

    /** Sets the type that is written in the fields that name one; whether there are any. */
    private boolean renameType(Map<String, Object> fields) {
        boolean newer = fields.replace(TYPE, nameOfType()) != null;
        boolean older = fields.replace(OLDER_TYPE, nameOfType()) != null;
        return newer || older;
    }

    private String nameOfType() {
        return switch (type) {
            case F32 -> "float32";
            case F16 -> "float16";
            default -> "bfloat16";
        };
    }
}
