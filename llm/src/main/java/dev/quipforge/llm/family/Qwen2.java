package dev.quipforge.llm.family;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.architecture.BlockSpec;

/** Qwen 2 and 2.5: Llama with biases of queries, keys and values. */
final class Qwen2 implements Family {

    @Override
    public Architecture read(DecoderConfig config) {
        return config.model(
                false,
                block -> BlockSpec.of(
                        block,
                        config.attention(
                                block,
                                config.heads().geometry(window(config, block)),
                                config.direct(block, true),
                                config.usualRotary(),
                                false),
                        config.gated(block, false),
                        config.usualNorms(block)));
    }

    /** The window of a block: upper layers may have one. */
    static int window(DecoderConfig config, int block) {
        boolean sliding = config.fields().flag("use_sliding_window", false);
        int first = (int) config.fields().integer("max_window_layers", 28);
        return sliding ? config.window(block, index -> index >= first) : AttentionGeometry.UNLIMITED;
    }
}
