package dev.quipforge.llm.family;

import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.architecture.BlockSpec;
import java.util.Map;

/** Llama 1 to 3, and the many models of other names that have its form. */
final class Llama implements Family {

    @Override
    public Map<String, Object> classDefaults() {
        return Map.ofEntries(
                Map.entry("vocab_size", 32_000),
                Map.entry("hidden_size", 4096),
                Map.entry("intermediate_size", 11_008),
                Map.entry("num_hidden_layers", 32),
                Map.entry("num_attention_heads", 32));
    }

    @Override
    public Architecture read(DecoderConfig config) {
        boolean attentionBias = config.attentionBias();
        boolean mlpBias = config.fields().flag("mlp_bias", false);
        return config.model(
                false,
                block -> BlockSpec.of(
                        block,
                        config.attention(
                                block,
                                config.heads().geometry(),
                                config.direct(block, attentionBias),
                                config.usualRotary(),
                                attentionBias),
                        config.gated(block, mlpBias),
                        config.usualNorms(block)));
    }
}
