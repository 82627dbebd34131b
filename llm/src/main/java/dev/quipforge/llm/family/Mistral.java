package dev.quipforge.llm.family;

import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.architecture.AttentionSpec;
import dev.quipforge.llm.architecture.BlockSpec;

/** Mistral: Llama with a sliding window in all layers, or in none. */
final class Mistral implements Family {

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
