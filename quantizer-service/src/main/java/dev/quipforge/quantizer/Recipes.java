package dev.quipforge.quantizer;

import dev.quipforge.contracts.QuantizationRecipe;
import dev.quipforge.llm.quantization.QuantizationSettings;

/** Recipes of messages as the settings they stand for. */
final class Recipes {

    private Recipes() {}

    /** The settings; what is wrong with them is an {@link dev.quipforge.llm.InvalidModelException}. */
    static QuantizationSettings settings(QuantizationRecipe recipe) {
        return new QuantizationSettings(
                recipe.method(), recipe.code(), recipe.bits(), recipe.tailBiting(), recipe.seed());
    }
}
