package dev.quipforge.contracts;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Command: tune the sign vectors, norms and head of a quantized model to the distribution of the original. Result:
 * {@link TaskResult.ModelTuned}.
 *
 * @param model prefix of the imported model
 * @param groups keys of all quantized groups, block by block; null in newer commands, which have {@code files}
 * @param overlays keys of the last tuned weights of every block, in order
 * @param tokens key of the calibration windows
 * @param activations hidden states of the original model
 * @param recipe how the groups were quantized
 * @param tuning how to tune
 * @param output key of the tuned weights
 * @param files where the quantized groups are; null in commands of versions that listed their keys
 */
public record TuneModel(
        String model,
        @Nullable List<String> groups,
        List<String> overlays,
        String tokens,
        Activations activations,
        QuantizationRecipe recipe,
        TuningRecipe tuning,
        String output,
        @Nullable GroupFiles files)
        implements Task {

    public TuneModel {
        groups = groups == null ? null : List.copyOf(groups);
        overlays = List.copyOf(overlays);
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
