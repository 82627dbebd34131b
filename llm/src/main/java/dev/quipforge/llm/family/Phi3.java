package dev.quipforge.llm.family;

import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.LinearShape;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.architecture.Projection;
import java.util.Optional;

/** Phi 3 and 4: queries, keys and values in one tensor, gate and up in another. */
final class Phi3 implements Family {

    @Override
    public Architecture read(DecoderConfig config) {
        return config.model(
                false,
                block -> BlockSpec.of(
                        block,
                        config.attention(
                                block,
                                config.heads().geometry(config.window()),
                                projection(config, block),
                                config.usualRotary(),
                                false),
                        config.fusedGated(block),
                        config.usualNorms(block)));
    }

    private static Projection projection(DecoderConfig config, int block) {
        int queries = config.heads().queryWidth();
        int keys = config.heads().keyValueWidth();
        return new Projection.Direct(
                part(config, block, "q_proj", queries, 0),
                part(config, block, "k_proj", keys, queries),
                part(config, block, "v_proj", keys, queries + keys),
                Optional.empty(),
                Optional.empty());
    }

    private static LinearSpec part(DecoderConfig config, int block, String name, int outputs, int first) {
        int rows = config.heads().queryWidth() + 2 * config.heads().keyValueWidth();
        LinearShape shape = new LinearShape(outputs, config.hidden());
        return config.part(block, "self_attn." + name, shape, "self_attn.qkv_proj", rows, first);
    }
}
