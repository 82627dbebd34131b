package dev.quipforge.llm.config;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.architecture.LinearGroup;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How the linears of a model are quantized: settings for all groups, and others for some of them. Checkpoints name those by
 * paths only, see {@link #resolved}.
 *
 * @param standard the settings of all groups that are not named
 * @param overrides the settings of others, by {@link GroupNames}; their seed is that of {@code standard}
 */
public record QuantizationScheme(QuantizationConfig standard, SortedMap<String, QuantizationConfig> overrides) {

    /**
     * Checks what can be checked without a model.
     *
     * @throws InvalidModelException naming the override that is wrong
     */
    public QuantizationScheme {
        overrides = Collections.unmodifiableSortedMap(new TreeMap<>(overrides));
        for (Map.Entry<String, QuantizationConfig> override : overrides.entrySet()) {
            GroupNames.requireGlob(override.getKey());
            long seed = override.getValue().seed();
            if (seed != standard.seed()) {
                throw GroupNames.wrong(
                        override.getKey(), "seed " + seed + " (expected: " + standard.seed() + ", one for all)");
            }
        }
    }

    /** The same settings for all groups. */
    public static QuantizationScheme uniform(QuantizationConfig config) {
        return new QuantizationScheme(config, new TreeMap<>());
    }

    /**
     * The settings of a group.
     *
     * @throws InvalidModelException when several globs match and its path is not named
     */
    public QuantizationConfig forGroup(LinearGroup group) {
        return GroupNames.find(overrides.keySet(), group.path())
                .map(name -> overrides.getOrDefault(name, standard))
                .orElse(standard);
    }

    /**
     * The same scheme for a model, with paths in place of globs and without overrides that change nothing.
     *
     * @param groups all groups of the model
     * @throws InvalidModelException when an override matches no group, naming it, or a group has several
     */
    public QuantizationScheme resolved(List<LinearGroup> groups) {
        SortedMap<String, QuantizationConfig> byPath = new TreeMap<>();
        GroupNames.resolve(overrides.keySet(), groups)
                .forEach((path, name) -> byPath.put(path, overrides.getOrDefault(name, standard)));
        byPath.values().removeIf(standard::equals);
        return new QuantizationScheme(standard, byPath);
    }

    /** Decides all that is drawn. */
    public long seed() {
        return standard.seed();
    }

    /** Whether all groups have the same settings. */
    public boolean isUniform() {
        return overrides.isEmpty();
    }
}
