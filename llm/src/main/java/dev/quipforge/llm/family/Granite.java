package dev.quipforge.llm.family;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.architecture.BlockSpec;

/** Granite 3: Llama with multipliers of embeddings, scores, residuals and logits. */
final class Granite implements Family {

    @Override
    public Architecture read(DecoderConfig config) {
        float scale = multiplier(config, "attention_multiplier");
        float residual = multiplier(config, "residual_multiplier");
        boolean attentionBias = config.attentionBias();
        boolean mlpBias = config.fields().flag("mlp_bias", false);
        return config.model(
                block -> new BlockSpec(
                        block,
                        config.attention(
                                block,
                                config.heads().geometry(scale, AttentionGeometry.UNLIMITED, 0),
                                config.direct(block, attentionBias),
                                config.usualRotary(),
                                attentionBias),
                        config.gated(block, mlpBias),
                        config.usualNorms(block),
                        false,
                        residual),
                multiplier(config, "embedding_multiplier"),
                config.head(config.lastNorm(), false, 1 / multiplier(config, "logits_scaling"), 0));
    }

    private static float multiplier(DecoderConfig config, String field) {
        return (float) config.fields().positive(field, 1);
    }
}
