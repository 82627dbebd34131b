package dev.quipforge.llm.family;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.NormSpec;
import dev.quipforge.llm.architecture.Rotary;
import java.util.Optional;

/** Command R7B and A: layer norms without biases, both halves side by side, three sliding layers to one full that does not turn. */
final class Cohere2 implements Family {

    @Override
    public Architecture read(DecoderConfig config) {
        int pattern = config.fields().positiveInt("sliding_window_pattern", 4);
        boolean biased = config.attentionBias();
        Rotary rotary = config.rotary().neighbours().read(config.heads().width());
        float multiplier = (float) config.fields().positive("logit_scale", 0.0625);
        return config.model(
                block -> {
                    boolean sliding = config.isSliding(block, index -> (index + 1) % pattern != 0);
                    return new BlockSpec(
                            block,
                            config.attention(
                                    block,
                                    config.heads().geometry(sliding ? config.window() : AttentionGeometry.UNLIMITED),
                                    config.direct(block, biased),
                                    Optional.of(rotary).filter(_ -> sliding),
                                    biased),
                            config.gated(block, false),
                            new BlockSpec.Norms(
                                    Optional.of(centered(config, config.norm(block, "input_layernorm"))),
                                    Optional.empty(),
                                    Optional.empty(),
                                    Optional.empty()),
                            true,
                            1);
                },
                1,
                config.head(centered(config, config.lastNorm()), true, multiplier, 0));
    }

    private static NormSpec centered(DecoderConfig config, NormSpec norm) {
        float epsilon = (float) config.fields().positive("layer_norm_eps", 1e-5);
        return new NormSpec(norm.tensor(), norm.width(), epsilon, 0, true);
    }
}
