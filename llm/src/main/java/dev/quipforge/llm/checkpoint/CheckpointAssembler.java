package dev.quipforge.llm.checkpoint;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.config.ConfigReader;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.config.QuantizationJson;
import dev.quipforge.llm.file.AtomicFile;
import dev.quipforge.llm.format.Formats;
import dev.quipforge.llm.format.StoredTensor;
import dev.quipforge.llm.format.WeightFormat;
import dev.quipforge.llm.json.StrictJson;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.safetensors.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

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

    private static final String WEIGHT = ".weight";

    private CheckpointAssembler() {}

    /**
     * Writes the checkpoint, whole or not at all.
     *
     * @param original the dense model
     * @param groups files of quantized groups, one for each of {@link ModelDirectory#linearGroups()}, in any order
     * @param config how they were quantized
     * @param output the directory to make; absent or empty
     * @return bytes of all weights
     * @throws InvalidModelException when a linear is missing in the groups, or is there twice
     */
    public static long assemble(ModelDirectory original, List<Path> groups, QuantizationConfig config, Path output) {
        try (GroupFiles files = GroupFiles.open(original, groups)) {
            ShardPlan plan = new ShardPlan(tensors(original, files, Formats.of(config)), ShardPlan.LARGEST);
            long[] bytes = new long[1];
            AtomicFile.writeDirectory(output, draft -> {
                bytes[0] = plan.write(draft);
                copyCompanions(original.path(), draft);
                writeConfig(original, config, files.kept(), draft);
            });
            return bytes[0];
        }
    }

    /** All tensors of the checkpoint, in the order of the original's names, quantized linears in place of dense ones. */
    private static List<Tensor> tensors(ModelDirectory original, GroupFiles files, WeightFormat format) {
        List<Tensor> tensors = new ArrayList<>();
        for (String name : original.weights().names()) {
            String linear = name.endsWith(WEIGHT) ? name.substring(0, name.length() - WEIGHT.length()) : name;
            if (files.isQuantized(linear)) {
                tensors.add(files.tensor(linear + format.suffix()));
                tensors.add(files.tensor(linear + StoredTensor.INPUT_SIGNS));
                tensors.add(files.tensor(linear + StoredTensor.OUTPUT_SCALES));
            } else {
                tensors.add(original.weights().tensor(name));
            }
        }
        return tensors;
    }

    private static void copyCompanions(Path from, Path to) throws IOException {
        for (String name : COMPANIONS) {
            if (Files.isRegularFile(from.resolve(name))) {
                Files.copy(from.resolve(name), to.resolve(name));
            }
        }
    }

    private static void writeConfig(ModelDirectory original, QuantizationConfig config, Set<String> kept, Path to) {
        Map<String, Object> fields =
                StrictJson.read(original.path().resolve(ConfigReader.FILE)).asMap();
        fields.put("quantization_config", QuantizationJson.write(config, kept));
        if (kept.isEmpty()) {
            QuipParams.of(original, config).ifPresent(params -> fields.put("quip_params", params));
        }
        AtomicFile.writeText(to.resolve(ConfigReader.FILE), StrictJson.write(fields, true));
    }
}
