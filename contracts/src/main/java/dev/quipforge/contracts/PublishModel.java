package dev.quipforge.contracts;

import org.jspecify.annotations.Nullable;

/**
 * Command: write the model card with the figures of the job and SHA256SUMS over the whole checkpoint; a checkpoint with
 * SHA256SUMS is complete. Result: {@link TaskResult.ModelPublished}.
 *
 * @param checkpoint prefix of the assembled checkpoint
 * @param name name of the original model, for the card
 * @param recipe how it was quantized
 * @param tuning how it was tuned; null when it was not
 * @param figures what was measured
 */
public record PublishModel(
        String checkpoint,
        String name,
        QuantizationRecipe recipe,
        @Nullable TuningRecipe tuning,
        Figures figures) implements Task {}
