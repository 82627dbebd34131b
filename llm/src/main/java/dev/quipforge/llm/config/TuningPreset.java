package dev.quipforge.llm.config;

import dev.quipforge.llm.InvalidModelException;
import java.util.Arrays;

/** How much time tuning may take. */
public enum TuningPreset {

    /** The settings of the published results. */
    STANDARD("standard"),

    /** A third of the time for most of the effect. */
    FAST("fast");

    private final String key;

    TuningPreset(String key) {
        this.key = key;
    }

    /** Its name in recipes. */
    public String key() {
        return key;
    }

    /**
     * The preset called {@code key}.
     *
     * @throws InvalidModelException when there is none
     */
    public static TuningPreset of(String key) {
        return Arrays.stream(values())
                .filter(preset -> preset.key.equals(key))
                .findFirst()
                .orElseThrow(() -> new InvalidModelException(
                        "tuning preset",
                        key + " (expected: one of "
                                + Arrays.stream(values()).map(TuningPreset::key).toList() + ")"));
    }
}
