package dev.quipforge.llm.tuning;

import dev.quipforge.llm.json.JsonFields;
import dev.quipforge.llm.json.StrictJson;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a training did. Losses are those on the validation windows: of a block the mean squared difference of its output from
 * the original's, of a model the mean divergence from the original's distribution in nats a token.
 *
 * @param name what was trained: {@code 3/mlp-in} for block 3 after that group was quantized, {@code model}
 * @param lossBefore before the first step
 * @param lossAfter of the state that was kept; never more than before
 * @param curve after every epoch
 * @param trainingWindows windows learned from
 * @param validationWindows windows that decided
 * @param seconds time it took, of all runs where it was interrupted
 */
public record TuningReport(
        String name,
        double lossBefore,
        double lossAfter,
        List<Double> curve,
        int trainingWindows,
        int validationWindows,
        double seconds) {

    private static final String METADATA = "report";

    public TuningReport {
        curve = List.copyOf(curve);
    }

    /** The report in the metadata of an overlay of {@link BlockTuner} or {@link ModelTuner}. */
    public static TuningReport read(SafetensorsFile file) {
        String json = file.metadata().getOrDefault(METADATA, "absent");
        JsonFields fields = StrictJson.parse(json.getBytes(StandardCharsets.UTF_8), "report of the tuning");
        return new TuningReport(
                fields.text("name"),
                fields.number("lossBefore"),
                fields.number("lossAfter"),
                fields.numbers("curve"),
                fields.positiveInt("trainingWindows"),
                fields.positiveInt("validationWindows"),
                fields.number("seconds"));
    }

    Map<String, String> asMetadata() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", name);
        fields.put("lossBefore", lossBefore);
        fields.put("lossAfter", lossAfter);
        fields.put("curve", curve);
        fields.put("trainingWindows", trainingWindows);
        fields.put("validationWindows", validationWindows);
        fields.put("seconds", seconds);
        return Map.of(METADATA, StrictJson.write(fields, false));
    }
}
