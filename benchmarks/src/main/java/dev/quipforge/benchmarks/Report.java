package dev.quipforge.benchmarks;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a benchmark found.
 *
 * <p>Values are numbers, texts, or an {@link java.util.Optional} of one, where there may be none.
 *
 * @param setting what it ran on and with
 * @param results one row a figure; all rows have the same columns
 * @param yardsticks what the figures are to be held against, measured in the same run; may be empty
 */
public record Report(Map<String, Object> setting, List<Map<String, Object>> results, Map<String, Object> yardsticks) {

    /** The names under which {@link #document} has the rows and the yardsticks. */
    private static final String RESULTS = "results";

    private static final String YARDSTICK = "yardstick";

    /** A report without yardsticks. */
    public Report(Map<String, Object> setting, List<Map<String, Object>> results) {
        this(setting, results, Map.of());
    }

    /** All of it as one document: the setting, then {@code results}, then {@code yardstick} where there are any. */
    public Map<String, Object> document() {
        Map<String, Object> document = new LinkedHashMap<>(setting);
        document.put(RESULTS, results);
        if (!yardsticks.isEmpty()) {
            document.put(YARDSTICK, yardsticks);
        }
        return document;
    }
}
