package dev.quipforge.llm.quantization;

import dev.quipforge.llm.json.StrictJson;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * What became of the linears of one group.
 *
 * @param block index of the decoder block
 * @param group key of the group within the block, such as {@code attention-in}
 * @param linears one report a linear, in the order of the group
 * @param encodeSeconds time in the encoder when the group was computed
 */
public record GroupReport(int block, String group, List<LinearReport> linears, double encodeSeconds) {

    private static final String METADATA = "report";

    public GroupReport {
        linears = List.copyOf(linears);
    }

    /** Number of weights in all linears. */
    public long weights() {
        return linears.stream().mapToLong(LinearReport::weights).sum();
    }

    /** The report in the metadata of a file of {@link QuantizedGroup#write}. */
    public static GroupReport read(SafetensorsFile file) {
        String json = file.metadata().getOrDefault(METADATA, "absent");
        return ReportJson.read(
                StrictJson.parse(json.getBytes(StandardCharsets.UTF_8), "report of the quantized group"));
    }

    Map<String, String> asMetadata() {
        return Map.of(METADATA, StrictJson.write(ReportJson.write(this), false));
    }
}
