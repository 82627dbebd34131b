package dev.quipforge.gateway.plan;

import dev.quipforge.contracts.QuantizationRecipe;
import dev.quipforge.gateway.request.GroupNames;
import dev.quipforge.gateway.request.JobRequest;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The recipe of a job as workers get it. */
final class Recipes {

    private Recipes() {}

    static QuantizationRecipe of(JobRequest.Recipe asked) {
        QuantizationRecipe standard = new QuantizationRecipe(
                asked.method(),
                asked.code(),
                asked.bits(),
                asked.tailBiting(),
                asked.rounding(),
                asked.transform(),
                asked.passes(),
                asked.seed());
        Map<String, JobRequest.CodeChoice> choices = asked.overrides();
        if (choices == null) {
            return standard;
        }
        SortedMap<String, QuantizationRecipe> overrides = new TreeMap<>();
        choices.forEach((groups, choice) -> overrides.put(groups, standard.with(choice.code(), choice.bits())));
        return standard.withOverrides(overrides);
    }

    /** The recipe of one group, without overrides. */
    static QuantizationRecipe ofGroup(QuantizationRecipe recipe, int block, String group) {
        Map<String, QuantizationRecipe> overrides = recipe.overrides();
        QuantizationRecipe own = overrides == null ? null : GroupNames.find(overrides, block + "/" + group);
        return own == null ? recipe.withOverrides(null) : own;
    }
}
