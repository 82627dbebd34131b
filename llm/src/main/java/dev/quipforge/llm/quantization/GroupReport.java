package dev.quipforge.llm.quantization;

import dev.quipforge.llm.json.StrictJson;
import dev.quipforge.llm.model.Input;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * What became of the linears of one group.
 *
 * @param block index of the decoder block
 * @param input their shared input
 * @param linears one report a linear, in the order of the group
 * @param damping what had to be added to the diagonal of the regularized Hessian, as a part of its mean; usually 0
 * @param encodeSeconds time in the encoder when the group was computed
 */
public record GroupReport(int block, Input input, List<LinearReport> linears, double damping, double encodeSeconds) {

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
