package dev.quipforge.llm.family;

import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.architecture.AttentionSpec;
import dev.quipforge.llm.architecture.BlockSpec;
import java.util.Map;

/** Mistral: Llama with a sliding window in all layers, or in none. */
final class Mistral implements Family {

    @Override
    public Map<String, Object> classDefaults() {
        return Map.ofEntries(
                Map.entry("vocab_size", 32_000),
                Map.entry("hidden_size", 4096),
                Map.entry("intermediate_size", 14_336),
                Map.entry("num_hidden_layers", 32),
                Map.entry("num_attention_heads", 32),
                Map.entry("num_key_value_heads", 8),
                Map.entry("max_position_embeddings", 131_072),
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
        return config.attention(
                block,
                config.heads().geometry(config.window()),
                config.direct(block, false),
                config.usualRotary(),
                false);
    }
}
