package dev.quipforge.contracts;

import java.util.List;

/**
 * Command: make a Hugging Face directory of the quantized groups and of what stays in 16 bit: weights, config,
 * tokenizer. Result: {@link TaskResult.ModelAssembled}.
 *
 * @param model prefix of the imported model
 * @param groups keys of all quantized groups, block by block
 * @param recipe how they were quantized, for {@code quantization_config}
 * @param output prefix of the checkpoint
 */
public record AssembleModel(String model, List<String> groups, QuantizationRecipe recipe, String output)
        implements Task {

    public AssembleModel {
        groups = List.copyOf(groups);
    }
}
