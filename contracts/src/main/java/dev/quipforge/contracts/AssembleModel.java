package dev.quipforge.contracts;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Command: make a Hugging Face directory of the quantized groups and of what stays in 16 bit: weights, config,
 * tokenizer. Result: {@link TaskResult.ModelAssembled}.
 *
 * @param model prefix of the imported model
 * @param groups keys of all quantized groups, block by block; null in newer commands, which have {@code files}
 * @param overlays keys of what tuning changed, one of every block or one of the whole model; null without tuning
 * @param recipe how they were quantized, for {@code quantization_config}
 * @param output prefix of the checkpoint
 * @param files where the quantized groups are; null in commands of versions that listed their keys
 */
public record AssembleModel(
        String model,
        @Nullable List<String> groups,
        @Nullable List<String> overlays,
        QuantizationRecipe recipe,
        String output,
        @Nullable GroupFiles files)
        implements Task {

    public AssembleModel {
        groups = groups == null ? null : List.copyOf(groups);
        overlays = overlays == null ? null : List.copyOf(overlays);
    }
    /**
     * Keys of all quantized groups, block by block.
     *
     * @param names of the groups of every block of the model, in the order in which they are quantized
     */
    public List<String> groupKeys(List<List<String>> names) {
        if (files != null) {
            return files.keys(names);
        }
        if (groups == null) {
            throw new IllegalStateException("groups and files: none (expected: one of them)");
        }
        return groups;
    }
}
