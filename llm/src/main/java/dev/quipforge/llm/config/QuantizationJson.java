package dev.quipforge.llm.config;

import dev.quipforge.engine.incoherence.OrthogonalTransform;
import dev.quipforge.engine.rounding.RoundingMethod;
import dev.quipforge.engine.trellis.TailBiting;
import dev.quipforge.engine.trellis.TrellisCodes;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.architecture.LinearGroup;
import dev.quipforge.llm.json.JsonFields;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/** The {@code quantization_config} of {@code config.json}, read and written. */
public final class QuantizationJson {

    /** The {@code quant_method} that stands for this project. */
    private static final String QUANT_METHOD = "quipforge";

    private static final String OVERRIDES = "overrides";
    private static final Set<String> SETTINGS =
            Set.of("method", "code", "bits", "L", "V", "tile", "tail_biting", "rounding", "transform", "passes");
    private static final String KEPT = "modules_to_not_convert";
    private static final String HEAD = "lm_head";
    private static final String STATES = "L";

    private QuantizationJson() {}

    /**
     * Writes it.
     *
     * @param scheme how the linears are quantized
     * @param kept linears that stay dense, by name
     */
    public static Map<String, Object> write(QuantizationScheme scheme, Set<String> kept) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("quant_method", QUANT_METHOD);
        Map<String, Object> standard = settings(scheme.standard());
        fields.putAll(standard);
        fields.put("seed", scheme.seed());
        if (!scheme.isUniform()) {
            Map<String, Object> overrides = new LinkedHashMap<>();
            scheme.overrides().forEach((group, config) -> overrides.put(group, differences(config, standard)));
            fields.put(OVERRIDES, overrides);
        }
        List<String> dense = new ArrayList<>(List.of(HEAD));
        kept.stream().sorted().forEach(dense::add);
        fields.put(KEPT, dense);
        return fields;
    }

    /** Everything but the seed. */
    private static Map<String, Object> settings(QuantizationConfig config) {
        QuantizationNames names = QuantizationNames.of(config);
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("method", names.method());
        fields.put("code", names.code());
        fields.put("bits", names.bits());
        if (config.isTrellis()) {
            fields.put(STATES, QuantizationConfig.STATE_BITS);
            fields.put("V", TrellisCodes.named(names.code()).values());
            fields.put("tile", List.of(16, 16));
            fields.put("tail_biting", names.tailBiting());
        }
        fields.put("rounding", names.rounding());
        fields.put("transform", names.transform());
        fields.put("passes", names.passes());
        return fields;
    }

    private static Map<String, Object> differences(QuantizationConfig config, Map<String, Object> standard) {
        Map<String, Object> fields = settings(config);
        fields.entrySet().removeIf(field -> field.getValue().equals(standard.get(field.getKey())));
        return fields;
    }

    /**
     * How this project quantized the linears; empty where the weights only are stored in a narrow type that they are read from.
     *
     * @throws InvalidModelException when another program quantized them
     */
    static Optional<QuantizationScheme> read(JsonFields fields) {
        return switch (fields.text("quant_method")) {
            case QUANT_METHOD -> Optional.of(readOwn(fields));
            case "fp8", "fbgemm_fp8", "mxfp4" -> Optional.empty();
            case "compressed-tensors" -> {
                requireFloats(fields);
                yield Optional.empty();
            }
            default ->
                throw fields.wrong(
                        "quant_method",
                        QUANT_METHOD + ", fp8 or mxfp4; quantize the original model, usually"
                                + " published under the same name without the suffix");
        };
    }

    /** Compressed-tensors is a container of many formats: only 8-bit floats are read. */
    private static void requireFloats(JsonFields fields) {
        if (!fields.text("format", "").equals("float-quantized")) {
            throw fields.wrong("format", "float-quantized; quantize the original model instead");
        }
    }

    private static QuantizationScheme readOwn(JsonFields fields) {
        QuantizationConfig standard = readSettings(fields, fields);
        SortedMap<String, QuantizationConfig> overrides = new TreeMap<>();
        fields.optionalObject(OVERRIDES).ifPresent(groups -> {
            for (String group : groups.names()) {
                overrides.put(group, readOverride(fields, groups.object(group)));
            }
        });
        return located(fields, () -> new QuantizationScheme(standard, overrides));
    }

    /** What an override does not say is as in {@code standard}. */
    private static QuantizationConfig readOverride(JsonFields standard, JsonFields own) {
        for (String name : own.names()) {
            if (!SETTINGS.contains(name)) {
                throw own.wrong(name, "no such field; an override has some of " + new TreeSet<>(SETTINGS));
            }
        }
        return readSettings(own.withDefaults(standard.asMap()), own);
    }

    private static QuantizationConfig readSettings(JsonFields fields, JsonFields place) {
        QuantizationConfig config = located(
                place,
                () -> new QuantizationNames(
                                fields.text("method"),
                                fields.text("code"),
                                fields.positiveInt("bits"),
                                fields.text("tail_biting", TailBiting.SEAM.key()),
                                fields.text("rounding", RoundingMethod.LDLQ.key()),
                                fields.text("transform", OrthogonalTransform.Kind.HADAMARD.key()),
                                Math.clamp(fields.integer("passes", 0), Integer.MIN_VALUE, Integer.MAX_VALUE),
                                fields.integer("seed", 0))
                        .config());
        if (config.isTrellis() && fields.positiveInt(STATES) != QuantizationConfig.STATE_BITS) {
            throw fields.wrong(STATES, String.valueOf(QuantizationConfig.STATE_BITS));
        }
        return config;
    }

    /** What {@code read} finds wrong, said of {@code fields}. */
    private static <V> V located(JsonFields fields, Supplier<V> read) {
        try {
            return read.get();
        } catch (InvalidModelException e) {
            throw e.place().startsWith(fields.place())
                    ? e
                    : new InvalidModelException(fields.place(), String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * Checks that the overrides are of groups that there are.
     *
     * @throws InvalidModelException naming one that is not
     */
    static QuantizationScheme requireGroups(JsonFields fields, QuantizationScheme scheme, List<LinearGroup> groups) {
        return located(fields, () -> scheme.resolved(groups));
    }

    static Set<String> keptLinears(JsonFields fields) {
        return fields.has(KEPT) && fields.text("quant_method").equals(QUANT_METHOD)
                ? Set.copyOf(fields.texts(KEPT))
                : Set.of();
    }
}
