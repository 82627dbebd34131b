package dev.quipforge.llm.family;

import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.architecture.BlockSpec;

/** Llama 1 to 3, and the many models of other names that have its form. */
final class Llama implements Family {

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
