package dev.quipforge.llm.family;

import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.architecture.AttentionSpec;
import dev.quipforge.llm.architecture.BlockSpec;

/** Qwen 3: norms of every head's queries and keys. */
final class Qwen3 implements Family {

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
