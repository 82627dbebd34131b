package dev.quipforge.contracts;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Command: make a Hugging Face directory of the quantized groups and of what stays in 16 bit: weights, config,
 * tokenizer. Result: {@link TaskResult.ModelAssembled}.
 *
 * @param model prefix of the imported model
 * @param groups keys of all quantized groups, block by block
 * @param overlays keys of what tuning changed, one of every block or one of the whole model; null without tuning
 * @param recipe how they were quantized, for {@code quantization_config}
 * @param output prefix of the checkpoint
 */
public record AssembleModel(
        String model, List<String> groups, @Nullable List<String> overlays, QuantizationRecipe recipe, String output)
        implements Task {

    public AssembleModel {
        groups = List.copyOf(groups);
        overlays = overlays == null ? null : List.copyOf(overlays);
    }
}
