package dev.quipforge.llm.family;

import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.FeedForwardSpec;
import dev.quipforge.llm.architecture.RouterSpec;
import java.util.Optional;

/** OLMoE: experts, and norms of all queries and all keys of a token. */
final class Olmoe implements Family {

    @Override
    public Architecture read(DecoderConfig config) {
        config.requireAbsent("clip_qkv", "clipping of queries, keys and values");
        boolean biased = config.attentionBias();
        return config.model(
                false,
                block -> BlockSpec.of(
                        block,
                        config.attention(
                                block,
                                config.heads().geometry(),
                                Olmo2.projection(config, block, biased),
                                config.usualRotary(),
                                biased),
                        experts(config, block),
                        config.usualNorms(block)));
    }

    private static FeedForwardSpec experts(DecoderConfig config, int block) {
        int experts = config.bounded("num_experts");
        RouterSpec router = RouterSpec.softmax(
                config.tensor(block, "mlp.gate"),
                Optional.empty(),
                experts,
                config.choice(experts),
                config.fields().flag("norm_topk_prob", false));
        return new FeedForwardSpec.Experts(
                router, config.experts(experts, config.inner(), config.role(block, "mlp.experts.")), Optional.empty());
    }
}
