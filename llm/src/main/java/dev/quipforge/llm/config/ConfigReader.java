package dev.quipforge.llm.config;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.json.JsonFields;
import dev.quipforge.llm.json.StrictJson;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads {@code config.json} in both forms: {@code rope_theta} and {@code rope_scaling} at the top (Transformers 4), or
 * both in {@code rope_parameters} (Transformers 5).
 */
public final class ConfigReader {

    /** Name of the file. */
    public static final String FILE = "config.json";

    private static final List<String> ARCHITECTURES = List.of("LlamaForCausalLM");
    private static final double THETA = 10000;

    private ConfigReader() {}

    /**
     * Reads the configuration of {@code directory}.
     *
     * @throws InvalidModelException when it is absent, of an architecture that is not supported, or a field is wrong
     */
    public static ModelConfig read(Path directory) {
        JsonFields fields = StrictJson.read(directory.resolve(FILE));
        String architecture = architecture(fields);
        requirePlainLlama(fields);
        ModelConfig.Sizes sizes = new ModelConfig.Sizes(
                fields.positiveInt("hidden_size"),
                fields.positiveInt("intermediate_size"),
                fields.positiveInt("num_hidden_layers"),
                fields.positiveInt("vocab_size"),
                fields.positiveInt("max_position_embeddings", 2048));
        return new ModelConfig(
                architecture,
                sizes,
                heads(fields, sizes.hidden()),
                rotary(fields, sizes.context()),
                (float) fields.positive("rms_norm_eps", 1e-6),
                fields.flag("tie_word_embeddings", false),
                fields.counts("eos_token_id").stream().map(Long::intValue).toList(),
                fields.optionalObject("quantization_config").map(QuantizationJson::read),
                fields.optionalObject("quantization_config")
                        .map(QuantizationJson::keptLinears)
                        .orElseGet(Set::of));
    }

    private static String architecture(JsonFields fields) {
        List<String> named = fields.texts("architectures");
        if (named.size() != 1 || !ARCHITECTURES.contains(named.getFirst())) {
            throw fields.wrong("architectures", "one of " + ARCHITECTURES);
        }
        return named.getFirst();
    }

    private static void requirePlainLlama(JsonFields fields) {
        if (!fields.text("hidden_act", "silu").equals("silu")) {
            throw fields.wrong("hidden_act", "silu");
        }
        for (String bias : List.of("attention_bias", "mlp_bias")) {
            if (fields.flag(bias, false)) {
                throw fields.wrong(bias, "false; linears with a bias are not supported");
            }
        }
    }

    private static ModelConfig.Heads heads(JsonFields fields, int hidden) {
        int query = fields.positiveInt("num_attention_heads");
        int keyValue = fields.positiveInt("num_key_value_heads", query);
        if (query % keyValue != 0) {
            throw fields.wrong("num_key_value_heads", "a divisor of the " + query + " attention heads");
        }
        if (!fields.has("head_dim") && hidden % query != 0) {
            throw fields.wrong("num_attention_heads", "a divisor of the hidden size " + hidden);
        }
        int width = fields.positiveInt("head_dim", Math.max(1, hidden / query));
        if (width % 2 != 0) {
            throw fields.wrong("head_dim", "an even width");
        }
        return new ModelConfig.Heads(query, keyValue, width);
    }

    private static Rotary rotary(JsonFields fields, int context) {
        Optional<JsonFields> parameters = fields.optionalObject("rope_parameters");
        if (parameters.isPresent()) {
            JsonFields rope = parameters.get();
            return new Rotary(
                    rope.positive("rope_theta", fields.positive("rope_theta", THETA)), scaling(rope, context));
        }
        Rotary.Scaling scaling = fields.optionalObject("rope_scaling")
                .map(rope -> scaling(rope, context))
                .orElseGet(Rotary.Unscaled::new);
        return new Rotary(fields.positive("rope_theta", THETA), scaling);
    }

    private static Rotary.Scaling scaling(JsonFields rope, int context) {
        String field = rope.has("rope_type") || !rope.has("type") ? "rope_type" : "type";
        return switch (rope.text(field, "default")) {
            case "default" -> new Rotary.Unscaled();
            case "linear" -> new Rotary.Linear(rope.positive("factor"));
            case "llama3" -> llama3(rope, context);
            default -> throw rope.wrong(field, "default, linear or llama3");
        };
    }

    private static Rotary.Llama3 llama3(JsonFields rope, int context) {
        double low = rope.positive("low_freq_factor");
        double high = rope.positive("high_freq_factor");
        if (high <= low) {
            throw rope.wrong("high_freq_factor", "more than low_freq_factor " + low);
        }
        int original = rope.positiveInt("original_max_position_embeddings", context);
        return new Rotary.Llama3(rope.positive("factor"), low, high, original);
    }
}
