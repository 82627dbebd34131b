package dev.quipforge.contracts;

import org.jspecify.annotations.Nullable;

/**
 * What is tuned after rounding, and how. Names are those of the job API and of {@link TuningCatalogue}. What is null follows
 * from the preset and the size of the model, which the worker knows.
 *
 * @param mode {@code blocks} or {@code blocks+end-to-end}
 * @param preset {@code standard} or {@code fast}
 * @param blocks how each block is tuned after each of its groups
 * @param endToEnd how the whole model is tuned
 * @param validation part of the windows that decide what is kept, between 0 and 1
 * @param patience epochs without a better state after which a training ends
 */
public record TuningRecipe(
        String mode,
        String preset,
        @Nullable Schedule blocks,
        @Nullable Schedule endToEnd,
        @Nullable Double validation,
        @Nullable Integer patience) {

    /**
     * How one training runs.
     *
     * @param vectorRate highest rate of norms and sign vectors
     * @param weightRate highest rate of dense weights
     * @param epochs times that all training windows are seen
     * @param batch windows that go through at once
     * @param accumulation batches of one step, whose gradients are added
     * @param warmUp part of all steps in which the rate rises, from 0 to below 1
     * @param floor what the rate falls to, as a part of the highest, 0 to 1
     */
    public record Schedule(
            @Nullable Double vectorRate,
            @Nullable Double weightRate,
            @Nullable Integer epochs,
            @Nullable Integer batch,
            @Nullable Integer accumulation,
            @Nullable Double warmUp,
            @Nullable Double floor) {}
}
