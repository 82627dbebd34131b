package dev.quipforge.llm.family;

import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.Projection;
import java.util.Optional;

/** OLMo 2: norms after both halves instead of before them, and of all queries and all keys of a token. */
final class Olmo2 implements Family {

    @Override
    public Architecture read(DecoderConfig config) {
        boolean biased = config.attentionBias();
        return config.model(
                false,
                block -> BlockSpec.of(
                        block,
                        config.attention(
                                block,
                                config.heads().geometry(),
                                projection(config, block, biased),
                                config.usualRotary(),
                                biased),
                        config.gated(block, false),
                        new BlockSpec.Norms(
                                Optional.empty(),
                                Optional.of(config.norm(block, "post_attention_layernorm")),
                                Optional.empty(),
                                Optional.of(config.norm(block, "post_feedforward_layernorm")))));
    }

    static Projection projection(DecoderConfig config, int block, boolean biased) {
        return config.direct(
                block,
                biased,
                config.norm(block, "self_attn.q_norm", config.heads().queryWidth()),
                config.norm(block, "self_attn.k_norm", config.heads().keyValueWidth()));
    }
}
