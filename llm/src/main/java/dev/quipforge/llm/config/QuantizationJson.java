package dev.quipforge.llm.config;

import dev.quipforge.engine.trellis.TrellisCodes;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.json.JsonFields;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The {@code quantization_config} of {@code config.json}, read and written. */
public final class QuantizationJson {

    private static final String KEPT = "modules_to_not_convert";
    private static final String HEAD = "lm_head";
    private static final String STATES = "L";

    private QuantizationJson() {}

    /**
     * Writes it.
     *
     * @param config how the linears are quantized
     * @param kept linears that stay dense, by name
     */
    public static Map<String, Object> write(QuantizationConfig config, Set<String> kept) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("quant_method", QuantizationConfig.QUANT_METHOD);
        fields.put("method", config.method());
        fields.put("code", config.code());
        fields.put("bits", config.bits());
        if (config.isTrellis()) {
            fields.put(STATES, QuantizationConfig.STATE_BITS);
            fields.put("V", TrellisCodes.named(config.code()).values());
            fields.put("tile", List.of(16, 16));
            fields.put("tail_biting", config.tailBiting());
        }
        fields.put("rounding", config.rounding());
        fields.put("transform", config.transform());
        fields.put("passes", config.passes());
        fields.put("seed", config.seed());
        List<String> dense = new ArrayList<>(List.of(HEAD));
        kept.stream().sorted().forEach(dense::add);
        fields.put(KEPT, dense);
        return fields;
    }

    static QuantizationConfig read(JsonFields fields) {
        if (!fields.text("quant_method").equals(QuantizationConfig.QUANT_METHOD)) {
            throw fields.wrong("quant_method", QuantizationConfig.QUANT_METHOD + ", or an unquantized model");
        }
        try {
            QuantizationConfig config = new QuantizationConfig(
                    fields.text("method"),
                    fields.text("code"),
                    fields.positiveInt("bits"),
                    fields.text("tail_biting", QuantizationConfig.SEAM),
                    fields.text("rounding", QuantizationConfig.LDLQ),
                    fields.text("transform", QuantizationConfig.HADAMARD),
                    Math.toIntExact(Math.min(Integer.MAX_VALUE, fields.integer("passes", 0))),
                    fields.integer("seed", 0));
            if (config.isTrellis() && fields.positiveInt(STATES) != QuantizationConfig.STATE_BITS) {
                throw fields.wrong(STATES, String.valueOf(QuantizationConfig.STATE_BITS));
            }
            return config;
        } catch (InvalidModelException e) {
            throw e.place().startsWith(fields.place())
                    ? e
                    : new InvalidModelException(fields.place(), String.valueOf(e.getMessage()), e);
        }
    }

    static Set<String> keptLinears(JsonFields fields) {
        return fields.has(KEPT) ? Set.copyOf(fields.texts(KEPT)) : Set.of();
    }
}
