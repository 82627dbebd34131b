package dev.quipforge.quantizer;

import dev.quipforge.contracts.QuantizationRecipe;
import dev.quipforge.llm.config.QuantizationConfig;

/** Recipes of messages as the settings they stand for. */
final class Recipes {

    private Recipes() {}

    /** The settings; what is wrong with them is an {@link dev.quipforge.llm.InvalidModelException}. */
    static QuantizationConfig settings(QuantizationRecipe recipe) {
        return new QuantizationConfig(
                recipe.method(),
                recipe.code(),
                recipe.bits(),
                recipe.tailBiting(),
                recipe.rounding(),
                recipe.transform(),
                recipe.passes(),
                recipe.seed());
    }
}
