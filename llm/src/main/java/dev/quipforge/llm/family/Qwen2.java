package dev.quipforge.llm.family;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.architecture.BlockSpec;
import java.util.Map;

/** Qwen 2 and 2.5: Llama with biases of queries, keys and values. */
final class Qwen2 implements Family {

    @Override
    public Map<String, Object> classDefaults() {
        return Map.ofEntries(
                Map.entry("vocab_size", 151_936),
                Map.entry("hidden_size", 4096),
                Map.entry("intermediate_size", 22_016),
                Map.entry("num_hidden_layers", 32),
                Map.entry("num_attention_heads", 32),
                Map.entry("num_key_value_heads", 32),
                Map.entry("max_position_embeddings", 32_768),
                Map.entry("sliding_window", 4096));
    }

    @Override
    public Architecture read(DecoderConfig config) {
        return config.model(
                false,
                block -> BlockSpec.of(
                        block,
                        config.attention(
                                block,
                                config.heads().geometry(window(config, block)),
                                config.direct(block, true),
                                config.usualRotary(),
                                false),
                        config.gated(block, false),
                        config.usualNorms(block)));
    }

    /** The window of a block: upper layers may have one. */
    static int window(DecoderConfig config, int block) {
        boolean sliding = config.fields().flag("use_sliding_window", false);
        int first = (int) config.fields().integer("max_window_layers", 28);
        return sliding ? config.window(block, index -> index >= first) : AttentionGeometry.UNLIMITED;
    }
}
