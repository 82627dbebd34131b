package dev.quipforge.finetune;

import dev.quipforge.contracts.QuantizationRecipe;
import dev.quipforge.contracts.TuningRecipe;
import dev.quipforge.llm.config.ModelConfig;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.config.QuantizationNames;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.config.TuningConfig;
import dev.quipforge.llm.config.TuningMode;
import dev.quipforge.llm.config.TuningPreset;
import dev.quipforge.llm.config.TuningSchedule;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Recipes of messages as the settings they stand for; what is wrong is an {@link dev.quipforge.llm.InvalidModelException}. */
final class Recipes {

    private Recipes() {}

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

    /** What the recipe does not say is that of its preset for a model of that size. */
    static TuningConfig settings(TuningRecipe recipe, ModelConfig model) {
        TuningConfig usual = TuningConfig.of(TuningMode.of(recipe.mode()), TuningPreset.of(recipe.preset()), model);
        return new TuningConfig(
                usual.mode(),
                schedule(recipe.blocks(), usual.blocks()),
                schedule(recipe.endToEnd(), usual.endToEnd()),
                or(recipe.validation(), usual.validation()),
                or(recipe.patience(), usual.patience()));
    }

    private static TuningSchedule schedule(TuningRecipe.@Nullable Schedule asked, TuningSchedule usual) {
        if (asked == null) {
            return usual;
        }
        return new TuningSchedule(
                or(asked.vectorRate(), usual.vectorRate()),
                or(asked.weightRate(), usual.weightRate()),
                or(asked.epochs(), usual.epochs()),
                or(asked.batch(), usual.batch()),
                or(asked.accumulation(), usual.accumulation()),
                or(asked.warmUp(), usual.warmUp()),
                or(asked.floor(), usual.floor()));
    }

    private static <V> V or(@Nullable V asked, V usual) {
        return asked == null ? usual : asked;
    }
}
