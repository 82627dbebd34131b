package dev.quipforge.llm.checkpoint;

import dev.quipforge.engine.incoherence.Hadamard;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.config.ConfigReader;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.file.AtomicFile;
import dev.quipforge.llm.json.StrictJson;
import dev.quipforge.llm.model.LinearGroup;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.model.QuantizedNames;
import dev.quipforge.llm.quantization.QuantizationSettings;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import dev.quipforge.llm.safetensors.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Makes a Hugging Face directory of quantized groups and of everything else of the original as it is: weights,
 * {@code config.json} with {@code quantization_config}, tokenizer.
 */
public final class CheckpointAssembler {

    /** Files that are copied where the original has them. */
    private static final List<String> COMPANIONS = List.of(
            "tokenizer.json",
            "tokenizer_config.json",
            "tokenizer.model",
            "special_tokens_map.json",
            "added_tokens.json",
            "vocab.json",
            "merges.txt",
            "chat_template.jinja",
            "chat_template.json",
            "generation_config.json",
            "LICENSE",
            "LICENSE.txt",
            "NOTICE");

    /** Codes that the QTIP reference stores as we do: without a table, in the plain layout. */
    private static final Set<String> REFERENCE_CODES = Set.of("3inst", "1mad");

    private CheckpointAssembler() {}

    /**
     * Writes the checkpoint, whole or not at all.
     *
     * @param original the dense model
     * @param groups files of quantized groups, one for each of {@link ModelDirectory#linearGroups()}, in any order
     * @param settings how they were quantized
     * @param output the directory to make; absent or empty
     * @return bytes of all weights
     * @throws InvalidModelException when a linear is missing in the groups, or is there twice
     */
    public static long assemble(
            ModelDirectory original, List<Path> groups, QuantizationSettings settings, Path output) {
        List<SafetensorsFile> opened = new ArrayList<>();
        try {
            Map<String, Tensor> quantized = new TreeMap<>();
            for (Path group : groups) {
                SafetensorsFile file = SafetensorsFile.open(group);
                opened.add(file);
                for (String name : file.names()) {
                    if (quantized.put(name, file.tensor(name)) != null) {
                        throw new InvalidModelException(group.toString(), name + " is in two groups");
                    }
                }
            }
            ShardPlan plan = new ShardPlan(tensors(original, quantized), ShardPlan.LARGEST);
            long[] bytes = new long[1];
            AtomicFile.writeDirectory(output, draft -> {
                bytes[0] = plan.write(draft);
                copyCompanions(original.path(), draft);
                writeConfig(original, settings, draft);
            });
            return bytes[0];
        } finally {
            opened.forEach(SafetensorsFile::close);
        }
    }

    /** All tensors of the checkpoint, in the order of the original's names, quantized linears in place of dense ones. */
    private static List<Tensor> tensors(ModelDirectory original, Map<String, Tensor> quantized) {
        Set<String> linears = new LinkedHashSet<>();
        for (LinearGroup group : original.linearGroups()) {
            linears.addAll(group.linears());
        }
        List<Tensor> tensors = new ArrayList<>();
        for (String name : original.weights().names()) {
            String linear = name.endsWith(".weight") ? name.substring(0, name.length() - ".weight".length()) : name;
            if (linears.contains(linear)) {
                tensors.add(require(quantized, QuantizedNames.trellis(linear)));
                tensors.add(require(quantized, QuantizedNames.inputSigns(linear)));
                tensors.add(require(quantized, QuantizedNames.outputScales(linear)));
            } else {
                tensors.add(original.weights().tensor(name));
            }
        }
        return tensors;
    }

    private static Tensor require(Map<String, Tensor> quantized, String name) {
        Tensor tensor = quantized.get(name);
        if (tensor == null) {
            throw new InvalidModelException(name, "missing in the quantized groups");
        }
        return tensor;
    }

    private static void copyCompanions(Path from, Path to) throws IOException {
        for (String name : COMPANIONS) {
            if (Files.isRegularFile(from.resolve(name))) {
                Files.copy(from.resolve(name), to.resolve(name));
            }
        }
    }

    private static void writeConfig(ModelDirectory original, QuantizationSettings settings, Path to) {
        Map<String, Object> config =
                StrictJson.read(original.path().resolve(ConfigReader.FILE)).asMap();
        config.put("quantization_config", quantizationConfig(settings));
        if (REFERENCE_CODES.contains(settings.code()) && wholeTransforms(original)) {
            config.put("quip_params", quipParams(settings));
        }
        AtomicFile.writeText(to.resolve(ConfigReader.FILE), StrictJson.write(config, true));
    }

    /** Whether every linear has Hadamard transforms of one block, the only ones that the reference knows. */
    private static boolean wholeTransforms(ModelDirectory original) {
        return original.linearGroups().stream()
                .flatMap(group -> group.linears().stream())
                .map(original.layout()::shape)
                .allMatch(shape -> Hadamard.supports(shape.outputs()) && Hadamard.supports(shape.inputs()));
    }

    private static Map<String, Object> quantizationConfig(QuantizationSettings settings) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("quant_method", QuantizationConfig.QUANT_METHOD);
        fields.put("method", settings.method());
        fields.put("code", settings.code());
        fields.put("bits", settings.bits());
        fields.put("L", settings.trellis().stateBits());
        fields.put("V", settings.trellis().values());
        fields.put("tile", List.of(16, 16));
        fields.put("tail_biting", settings.tailBiting());
        fields.put("seed", settings.seed());
        fields.put("modules_to_not_convert", List.of("lm_head"));
        return fields;
    }

    /** What programs that read checkpoints of the QTIP reference look for. */
    private static Map<String, Object> quipParams(QuantizationSettings settings) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("codebook", "bitshift");
        fields.put("codebook_version", 0);
        fields.put("L", settings.trellis().stateBits());
        fields.put("K", settings.bits());
        fields.put("V", settings.trellis().values());
        fields.put("tlut_bits", settings.trellis().stateBits());
        fields.put("decode_mode", settings.code());
        fields.put("td_x", 16);
        fields.put("td_y", 16);
        fields.put("split_for_tp", false);
        fields.put("skip_list", null);
        return fields;
    }
}
