package dev.quipforge.llm.quantization;

import dev.quipforge.llm.json.JsonFields;
import dev.quipforge.llm.json.StrictJson;
import dev.quipforge.llm.model.Input;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What became of the linears of one group.
 *
 * @param block index of the decoder block
 * @param input their shared input
 * @param linears one report a linear, in the order of the group
 * @param damping what had to be added to the diagonal of the regularized Hessian, as a part of its mean; usually 0
 * @param encodeSeconds time in the trellis encoder when the group was computed
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
        JsonFields fields = StrictJson.parse(json.getBytes(StandardCharsets.UTF_8), "report of the quantized group");
        return new GroupReport(
                (int) fields.integer("block", 0),
                Input.ofKey(fields.text("input")),
                fields.objects("linears").stream().map(GroupReport::linear).toList(),
                fields.number("damping"),
                fields.number("encodeSeconds"));
    }

    private static LinearReport linear(JsonFields fields) {
        return new LinearReport(
                fields.text("name"),
                fields.integer("weights", 0),
                fields.integer("bits", 0),
                fields.number("proxyLoss"));
    }

    Map<String, String> asMetadata() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("block", block);
        fields.put("input", input.key());
        fields.put("damping", damping);
        fields.put("encodeSeconds", encodeSeconds);
        fields.put("linears", linears.stream().map(GroupReport::asMap).toList());
        return Map.of(METADATA, StrictJson.write(fields, false));
    }

    private static Map<String, Object> asMap(LinearReport linear) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", linear.name());
        fields.put("weights", linear.weights());
        fields.put("bits", linear.bits());
        fields.put("proxyLoss", linear.proxyLoss());
        return fields;
    }
}
