package dev.quipforge.llm.family;

import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.Rotary;
import java.util.Optional;

/** GLM 4 (0414): half of every head turns, neighbouring columns together; norms around both halves; fused gate and up. */
final class Glm4 implements Family {

    @Override
    public Architecture read(DecoderConfig config) {
        Rotary rotary =
                config.rotary().neighbours().part(0.5).read(config.heads().width());
        return config.model(
                false,
                block -> BlockSpec.of(
                        block,
                        config.attention(
                                block,
                                config.heads().geometry(),
                                config.direct(block, config.attentionBias()),
                                Optional.of(rotary),
                                false),
                        config.fusedGated(block),
                        new BlockSpec.Norms(
                                Optional.of(config.norm(block, "input_layernorm")),
                                Optional.of(config.norm(block, "post_self_attn_layernorm")),
                                Optional.of(config.norm(block, "post_attention_layernorm")),
                                Optional.of(config.norm(block, "post_mlp_layernorm")))));
    }
}
