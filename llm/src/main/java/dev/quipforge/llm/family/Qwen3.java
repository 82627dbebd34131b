package dev.quipforge.llm.family;

import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.architecture.AttentionSpec;
import dev.quipforge.llm.architecture.BlockSpec;
import java.util.Map;

/** Qwen 3: norms of every head's queries and keys. */
final class Qwen3 implements Family {

    @Override
    public Map<String, Object> classDefaults() {
        return Map.ofEntries(
                Map.entry("vocab_size", 151_936),
                Map.entry("hidden_size", 4096),
                Map.entry("intermediate_size", 22_016),
                Map.entry("num_hidden_layers", 32),
                Map.entry("num_attention_heads", 32),
                Map.entry("num_key_value_heads", 32),
                Map.entry("head_dim", 128),
                Map.entry("max_position_embeddings", 32_768),
                Map.entry("sliding_window", 4096));
    }

    @Override
    public Architecture read(DecoderConfig config) {
        return config.model(
                false,
                block -> BlockSpec.of(
                        block, attention(config, block), config.gated(block, false), config.usualNorms(block)));
    }

    static AttentionSpec attention(DecoderConfig config, int block) {
        boolean biased = config.attentionBias();
        int width = config.heads().width();
        return config.attention(
                block,
                config.heads().geometry(Qwen2.window(config, block)),
                config.direct(
                        block,
                        biased,
                        config.norm(block, "self_attn.q_norm", width),
                        config.norm(block, "self_attn.k_norm", width)),
                config.usualRotary(),
                biased);
    }
}
