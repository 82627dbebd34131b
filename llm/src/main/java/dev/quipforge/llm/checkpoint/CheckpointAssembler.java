package dev.quipforge.llm.checkpoint;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.config.ConfigReader;
import dev.quipforge.llm.config.QuantizationJson;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.file.AtomicFile;
import dev.quipforge.llm.format.Formats;
import dev.quipforge.llm.format.StoredTensor;
import dev.quipforge.llm.format.WeightFormat;
import dev.quipforge.llm.json.StrictJson;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.quantization.GroupFiles;
import dev.quipforge.llm.rows.RowsTensor;
import dev.quipforge.llm.safetensors.DataType;
import dev.quipforge.llm.safetensors.Tensor;
import dev.quipforge.llm.safetensors.TensorSource;
import dev.quipforge.llm.safetensors.Tensors;
import dev.quipforge.llm.safetensors.WritableTensor;
import dev.quipforge.llm.weights.Overlay;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes a Hugging Face directory of quantized groups and of everything else of the original as it is: weights,
 * {@code config.json} with {@code quantization_config}, tokenizer.
 */
public final class CheckpointAssembler {

    private CheckpointAssembler() {}

    /** As {@link #assemble(ModelDirectory, List, List, QuantizationScheme, Path)}, of a model that was not tuned. */
    public static long assemble(ModelDirectory original, List<Path> groups, QuantizationScheme scheme, Path output) {
        return assemble(original, groups, List.of(), scheme, output);
    }

    /**
     * Writes the checkpoint, whole or not at all.
     *
     * @param original the dense model
     * @param groups files of quantized groups, one for each of {@link ModelDirectory#linearGroups()}, in any order
     * @param overlays what tuning changed, in the order of {@link Overlay}: one file a block, or these and one of the model.
     *     With a head of its own the model's embeddings are no longer tied
     * @param scheme how they were quantized
     * @param output the directory to make; absent or empty
     * @return bytes of all weights
     * @throws InvalidModelException when a linear is missing in the groups, or is there twice, or an override matches no group
     */
    public static long assemble(
            ModelDirectory original, List<Path> groups, List<Path> overlays, QuantizationScheme scheme, Path output) {
        try (GroupFiles files = GroupFiles.open(groups);
                Overlay overlay = Overlay.open(overlays)) {
            files.requireAll(original);
            QuantizationScheme resolved = scheme.resolved(original.linearGroups());
            ShardPlan plan = new ShardPlan(tensors(original, files, overlay, resolved), ShardPlan.LARGEST);
            long[] bytes = new long[1];
            AtomicFile.writeDirectory(output, draft -> {
                bytes[0] = plan.write(draft);
                Companions.copy(original.path(), draft);
                writeConfig(
                        original,
                        resolved,
                        files.kept(),
                        overlay.contains(original.config().architecture().head().tensor()),
                        draft);
            });
            return bytes[0];
        }
    }

    /** All tensors of the checkpoint, in the order of the original's names, quantized linears in place of dense ones. */
    private static List<WritableTensor> tensors(
            ModelDirectory original, GroupFiles files, Overlay overlay, QuantizationScheme scheme) {
        Map<String, List<LinearSpec>> parts = original.layout().parts();
        Set<String> written = new HashSet<>();
        Map<String, List<LinearSpec>> bySource = new HashMap<>();
        parts.values()
                .forEach(linears -> linears.forEach(
                        linear -> original.dense().weightNames(linear).forEach(name -> bySource.put(name, linears))));
        List<WritableTensor> tensors = new ArrayList<>();
        for (String name : original.weights().names()) {
            List<LinearSpec> linears = bySource.get(name);
            if (linears == null) {
                tensors.add(tuned(original.weights(), overlay, name));
            } else if (written.add(linears.getFirst().weight().tensor())) {
                linears.forEach(linear -> tensors.addAll(linear(original, files, overlay, scheme, linear)));
            }
        }
        Architecture architecture = original.config().architecture();
        String head = architecture.head().tensor();
        if (overlay.contains(head) && !original.weights().contains(head)) {
            DataType type =
                    original.weights().tensor(architecture.embedding().tensor()).type();
            tensors.add(Tensors.converted(overlay.tensor(head), type));
        }
        return tensors;
    }

    /** The tensors of a linear: codes with their vectors, or a weight of its own where it is kept. */
    private static List<WritableTensor> linear(
            ModelDirectory original, GroupFiles files, Overlay overlay, QuantizationScheme scheme, LinearSpec spec) {
        String linear = spec.name();
        if (!files.isQuantized(linear)) {
            DataType type = original.dense().type(spec);
            return List.of(
                    overlay.contains(spec.weightName())
                            ? Tensors.converted(overlay.tensor(spec.weightName()), type)
                            : new RowsTensor(
                                    spec.weightName(), type, original.dense().rows(spec)));
        }
        WeightFormat format = Formats.of(scheme.forGroup(original.layout().groupOf(linear)));
        List<WritableTensor> tensors = new ArrayList<>();
        tensors.add(files.tensor(linear + format.suffix()));
        tensors.add(tuned(files, overlay, linear + StoredTensor.INPUT_SIGNS));
        tensors.add(tuned(files, overlay, linear + StoredTensor.OUTPUT_SCALES));
        table(format, overlay, linear).ifPresent(tensors::add);
        return tensors;
    }

    /** The overlay's tensor in the type of the original's, where there is one. */
    private static WritableTensor tuned(TensorSource original, Overlay overlay, String name) {
        Tensor tensor = original.tensor(name);
        return overlay.contains(name) ? Tensors.converted(overlay.over(original, name), tensor.type()) : tensor;
    }

    /** The table that tuning gave a linear, as its format stores it. */
    private static Optional<WritableTensor> table(WeightFormat format, Overlay overlay, String linear) {
        String name = linear + StoredTensor.TABLE;
        return format.table()
                .filter(_ -> overlay.contains(name))
                .map(table -> Tensors.converted(
                        overlay.tensor(name).requireFloating().requireShape(table.shape()), table.type()));
    }

    private static void writeConfig(
            ModelDirectory original, QuantizationScheme scheme, Set<String> kept, boolean ownHead, Path to) {
        Map<String, Object> fields =
                StrictJson.read(original.path().resolve(ConfigReader.FILE)).asMap();
        fields.put("quantization_config", QuantizationJson.write(scheme, kept));
        if (ownHead) {
            fields.put("tie_word_embeddings", false);
        }
        if (kept.isEmpty()) {
            QuipParams.of(original, scheme).ifPresent(params -> fields.put("quip_params", params));
        }
        AtomicFile.writeText(to.resolve(ConfigReader.FILE), StrictJson.write(fields, true));
    }
}
