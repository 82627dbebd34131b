package dev.quipforge.gateway.plan;

import dev.quipforge.contracts.TuningRecipe;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The digests of what tuning makes. Whoever changes what a preset means, or how a training runs, raises the versions.
 *
 * @param blocks over all that decides the tuned blocks; the end-to-end tuning has no part in it, so both modes share them
 * @param model over all that decides the tuned model; null without end-to-end tuning
 */
record TuningNames(String blocks, @Nullable String model) {

    /**
     * The digests of a recipe.
     *
     * @param quantized digest of the untuned groups
     * @param activations digest of the hidden states
     */
    static TuningNames of(String quantized, String activations, TuningRecipe tuning, boolean endToEnd) {
        String blocks = Digest.of(
                "quipforge tuned blocks 2",
                "quantized " + quantized,
                "activations " + activations,
                "preset " + tuning.preset(),
                "schedule " + text(tuning.blocks()),
                "validation " + tuning.validation(),
                "patience " + tuning.patience());
        String model = endToEnd
                ? Digest.of("quipforge tuned model 4", "blocks " + blocks, "schedule " + text(tuning.endToEnd()))
                : null;
        return new TuningNames(blocks, model);
    }

    /** The digest of the last tuning of all. */
    String last() {
        return model == null ? blocks : model;
    }

    private static String text(TuningRecipe.@Nullable Schedule schedule) {
        return schedule == null
                ? "of the preset"
                : line(
                        schedule.vectorRate(),
                        schedule.weightRate(),
                        schedule.epochs(),
                        schedule.batch(),
                        schedule.accumulation(),
                        schedule.warmUp(),
                        schedule.floor());
    }

    private static String line(@Nullable Object... values) {
        return Arrays.stream(values).map(Objects::toString).collect(Collectors.joining(" "));
    }
}
