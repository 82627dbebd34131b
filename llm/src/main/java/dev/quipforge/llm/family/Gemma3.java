package dev.quipforge.llm.family;

import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.architecture.Projection;
import dev.quipforge.llm.architecture.Rotary;
import java.util.Map;
import java.util.Optional;

/** The text part of Gemma 3: norms of queries and keys, five sliding layers to one full, a rotary embedding for each kind. */
final class Gemma3 implements Family {

    @Override
    public Map<String, Object> classDefaults() {
        return Map.ofEntries(
                Map.entry("vocab_size", 262_208),
                Map.entry("hidden_size", 2304),
                Map.entry("intermediate_size", 9216),
                Map.entry("num_hidden_layers", 26),
                Map.entry("num_attention_heads", 8),
                Map.entry("num_key_value_heads", 4),
                Map.entry("head_dim", 256),
                Map.entry("max_position_embeddings", 131_072),
                Map.entry("sliding_window", 4096));
    }

    @Override
    public Architecture read(DecoderConfig config) {
        int width = config.heads().width();
        Rotary full = config.rotary().read(width, "full_attention", "rope_theta", 1e6);
        Rotary sliding = config.rotary().read(width, "sliding_attention", "rope_local_base_freq", 1e4);
        String older = config.fields().has("sliding_window_pattern") ? "" : "_";
        int pattern = config.fields().positiveInt(older + "sliding_window_pattern", 6);
        float cap = (float) config.fields().positive("attn_logit_softcapping", 0);
        return Gemma2.model(
                config,
                block -> Gemma2.attention(
                        config,
                        block,
                        projection(config, block),
                        config.window(block, index -> (index + 1) % pattern != 0),
                        cap,
                        Optional.of(config.isSliding(block, index -> (index + 1) % pattern != 0) ? sliding : full)));
    }

    private static Projection projection(DecoderConfig config, int block) {
        int width = config.heads().width();
        return config.direct(
                block,
                config.attentionBias(),
                Gemma2.stored(config.norm(block, "self_attn.q_norm", width)),
                Gemma2.stored(config.norm(block, "self_attn.k_norm", width)));
    }
}
