package dev.quipforge.llm.family;

import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.architecture.AttentionSpec;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.FeedForwardSpec;
import dev.quipforge.llm.architecture.NormSpec;
import dev.quipforge.llm.architecture.Projection;
import dev.quipforge.llm.architecture.Rotary;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/** Gemma 2: norms around both halves with weights stored less 1, capped scores and logits, every other layer sliding. */
final class Gemma2 implements Family {

    @Override
    public Map<String, Object> classDefaults() {
        return Map.ofEntries(
                Map.entry("vocab_size", 256_000),
                Map.entry("hidden_size", 2304),
                Map.entry("intermediate_size", 9216),
                Map.entry("num_hidden_layers", 26),
                Map.entry("num_attention_heads", 8),
                Map.entry("num_key_value_heads", 4),
                Map.entry("head_dim", 256),
                Map.entry("max_position_embeddings", 8192),
                Map.entry("sliding_window", 4096),
                Map.entry("attn_logit_softcapping", 50.0),
                Map.entry("final_logit_softcapping", 30.0));
    }

    @Override
    public Architecture read(DecoderConfig config) {
        float attentionCap = (float) config.fields().positive("attn_logit_softcapping", 0);
        Optional<Rotary> rotary = config.usualRotary();
        return model(
                config,
                block -> attention(
                        config,
                        block,
                        config.direct(block, config.attentionBias()),
                        config.window(block, index -> index % 2 == 0),
                        attentionCap,
                        rotary));
    }

    /** A model of the Gemma family with this attention. */
    static Architecture model(DecoderConfig config, IntFunction<AttentionSpec> attention) {
        float logitCap = (float) config.fields().positive("final_logit_softcapping", 0);
        return config.model(
                block -> BlockSpec.of(block, attention.apply(block), gated(config, block), norms(config, block)),
                (float) Math.sqrt(config.hidden()),
                config.head(stored(config.lastNorm()), true, 1, logitCap));
    }

    static AttentionSpec attention(
            DecoderConfig config, int block, Projection projection, int window, float cap, Optional<Rotary> rotary) {
        double width = config.fields().positive("query_pre_attn_scalar", 256);
        float scale = (float) (1 / Math.sqrt(width));
        return config.attention(
                block, config.heads().geometry(scale, window, cap), projection, rotary, config.attentionBias());
    }

    private static FeedForwardSpec.Gated gated(DecoderConfig config, int block) {
        return config.gated(block, "hidden_activation", "gelu_pytorch_tanh");
    }

    private static BlockSpec.Norms norms(DecoderConfig config, int block) {
        return new BlockSpec.Norms(
                Optional.of(stored(config.norm(block, "input_layernorm"))),
                Optional.of(stored(config.norm(block, "post_attention_layernorm"))),
                Optional.of(stored(config.norm(block, "pre_feedforward_layernorm"))),
                Optional.of(stored(config.norm(block, "post_feedforward_layernorm"))));
    }

    /** The norm whose weights are stored less 1. */
    static NormSpec stored(NormSpec norm) {
        return new NormSpec(norm.tensor(), norm.width(), norm.epsilon(), 1, norm.centered());
    }
}
