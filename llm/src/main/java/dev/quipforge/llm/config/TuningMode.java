package dev.quipforge.llm.config;

import dev.quipforge.llm.InvalidModelException;
import java.util.Arrays;

/** What is tuned after rounding. */
public enum TuningMode {

    /** Nothing. */
    NONE("none"),

    /** Every block by itself, after each of its groups is quantized (QuIP#, section 5; QTIP, section 5). */
    BLOCKS("blocks"),

    /** The same, and then the whole model to the original's logits. */
    BLOCKS_AND_END_TO_END("blocks+end-to-end");

    private final String key;

    TuningMode(String key) {
        this.key = key;
    }

    /** Its name in recipes. */
    public String key() {
        return key;
    }

    /** Whether blocks are tuned. */
    public boolean blocks() {
        return this != NONE;
    }

    /** Whether the whole model is tuned. */
    public boolean endToEnd() {
        return this == BLOCKS_AND_END_TO_END;
    }

    /**
     * The mode called {@code key}.
     *
     * @throws InvalidModelException when there is none
     */
    public static TuningMode of(String key) {
        return Arrays.stream(values())
                .filter(mode -> mode.key.equals(key))
                .findFirst()
                .orElseThrow(() -> new InvalidModelException(
                        "tuning",
                        key + " (expected: one of "
                                + Arrays.stream(values()).map(TuningMode::key).toList() + ")"));
    }
}
