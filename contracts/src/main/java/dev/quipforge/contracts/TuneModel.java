package dev.quipforge.contracts;

import java.util.List;

/**
 * Command: tune the sign vectors, norms and head of a quantized model to the distribution of the original. Result:
 * {@link TaskResult.ModelTuned}.
 *
 * @param model prefix of the imported model
 * @param groups keys of all quantized groups, block by block
 * @param overlays keys of the last tuned weights of every block, in order
 * @param tokens key of the calibration windows
 * @param activations hidden states of the original model
 * @param recipe how the groups were quantized
 * @param tuning how to tune
 * @param output key of the tuned weights
 */
public record TuneModel(
        String model,
        List<String> groups,
        List<String> overlays,
        String tokens,
        Activations activations,
        QuantizationRecipe recipe,
        TuningRecipe tuning,
        String output)
        implements Task {

    public TuneModel {
        groups = List.copyOf(groups);
        overlays = List.copyOf(overlays);
    }
}
