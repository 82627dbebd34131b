package dev.quipforge.llm.family;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.Rotary;
import java.util.List;
import java.util.Optional;

/** SmolLM 3: Llama whose every fourth layer has no rotary embedding. */
final class SmolLm3 implements Family {

    @Override
    public Architecture read(DecoderConfig config) {
        boolean attentionBias = config.attentionBias();
        boolean mlpBias = config.fields().flag("mlp_bias", false);
        return config.model(
                true,
                block -> BlockSpec.of(
                        block,
                        config.attention(
                                block,
                                config.heads().geometry(window(config, block)),
                                config.direct(block, attentionBias),
                                isTurning(config, block) ? config.usualRotary() : Optional.<Rotary>empty(),
                                attentionBias),
                        config.gated(block, mlpBias),
                        config.usualNorms(block)));
    }

    private static int window(DecoderConfig config, int block) {
        boolean sliding = config.fields().flag("use_sliding_window", false);
        return sliding ? config.window(block, index -> !isTurning(config, index)) : AttentionGeometry.UNLIMITED;
    }

    private static boolean isTurning(DecoderConfig config, int block) {
        List<Long> layers = config.fields().counts("no_rope_layers");
        if (layers.isEmpty()) {
            return (block + 1) % config.fields().positiveInt("no_rope_layer_interval", 4) != 0;
        }
        int blocks = config.fields().positiveInt("num_hidden_layers");
        if (layers.size() != blocks) {
            throw config.fields().wrong("no_rope_layers", "one for each of " + blocks + " layers");
        }
        return layers.get(block) != 0;
    }
}
