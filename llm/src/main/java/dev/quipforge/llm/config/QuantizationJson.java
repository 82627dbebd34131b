package dev.quipforge.llm.config;

import dev.quipforge.engine.trellis.TrellisCodes;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.json.JsonFields;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    /**
     * How this project quantized the linears; empty where the weights only are stored in a narrow type that they are read from.
     *
     * @throws InvalidModelException when another program quantized them
     */
    static Optional<QuantizationConfig> read(JsonFields fields) {
        return switch (fields.text("quant_method")) {
            case QuantizationConfig.QUANT_METHOD -> Optional.of(readOwn(fields));
            case "fp8", "fbgemm_fp8", "mxfp4" -> Optional.empty();
            case "compressed-tensors" -> {
                requireFloats(fields);
                yield Optional.empty();
            }
            default ->
                throw fields.wrong(
                        "quant_method",
                        QuantizationConfig.QUANT_METHOD + ", fp8 or mxfp4; quantize the original model, usually"
                                + " published under the same name without the suffix");
        };
    }

    /** Compressed-tensors is a container of many formats: only 8-bit floats are read. */
    private static void requireFloats(JsonFields fields) {
        if (!fields.text("format", "").equals("float-quantized")) {
            throw fields.wrong("format", "float-quantized; quantize the original model instead");
        }
    }

    private static QuantizationConfig readOwn(JsonFields fields) {
        try {
            QuantizationConfig config = new QuantizationConfig(
                    fields.text("method"),
                    fields.text("code"),
                    fields.positiveInt("bits"),
                    fields.text("tail_biting", QuantizationConfig.SEAM),
                    fields.text("rounding", QuantizationConfig.LDLQ),
                    fields.text("transform", QuantizationConfig.HADAMARD),
                    Math.clamp(fields.integer("passes", 0), Integer.MIN_VALUE, Integer.MAX_VALUE),
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
        return fields.has(KEPT) && fields.text("quant_method").equals(QuantizationConfig.QUANT_METHOD)
                ? Set.copyOf(fields.texts(KEPT))
                : Set.of();
    }
}
