package dev.quipforge.quantizer;

import dev.quipforge.contracts.QuantizationRecipe;
import dev.quipforge.contracts.TuningRecipe;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.config.QuantizationNames;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.config.TuningMode;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Recipes of messages as the settings they stand for. */
final class Recipes {

    private Recipes() {}

    /** The settings; what is wrong with them is an {@link dev.quipforge.llm.InvalidModelException}. */
    static QuantizationConfig settings(QuantizationRecipe recipe) {
        return new QuantizationNames(
                        recipe.method(),
                        recipe.code(),
                        recipe.bits(),
                        recipe.tailBiting(),
                        recipe.rounding(),
                        recipe.transform(),
                        recipe.passes(),
                        recipe.seed())
                .config();
    }

    /** The settings of all groups, those with recipes of their own included. */
    static QuantizationScheme scheme(QuantizationRecipe recipe) {
        SortedMap<String, QuantizationConfig> overrides = new TreeMap<>();
        if (recipe.overrides() != null) {
            recipe.overrides().forEach((groups, own) -> overrides.put(groups, settings(own)));
        }
        return new QuantizationScheme(settings(recipe), overrides);
    }

    /** What was tuned. */
    static TuningMode mode(@Nullable TuningRecipe tuning) {
        return tuning == null ? TuningMode.NONE : TuningMode.of(tuning.mode());
    }
}
