package dev.quipforge.llm.family;

import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.FeedForwardSpec;
import dev.quipforge.llm.architecture.RouterSpec;
import java.util.List;
import java.util.Optional;

/** Qwen 3's mixtures of experts. */
final class Qwen3Moe implements Family {

    @Override
    public Architecture read(DecoderConfig config) {
        return config.model(
                false,
                block -> BlockSpec.of(
                        block,
                        Qwen3.attention(config, block),
                        isSparse(config, block) ? experts(config, block) : config.gated(block, false),
                        config.usualNorms(block)));
    }

    private static boolean isSparse(DecoderConfig config, int block) {
        List<Long> dense = config.fields().counts("mlp_only_layers");
        int step = config.fields().positiveInt("decoder_sparse_step", 1);
        return !dense.contains((long) block) && (block + 1) % step == 0;
    }

    private static FeedForwardSpec experts(DecoderConfig config, int block) {
        String count = config.fields().has("num_experts") ? "num_experts" : "num_local_experts";
        int experts = config.bounded(count);
        RouterSpec router = RouterSpec.softmax(
                config.tensor(block, "mlp.gate"),
                Optional.empty(),
                experts,
                config.choice(experts),
                config.fields().flag("norm_topk_prob", false));
        int inner = config.fields().positiveInt("moe_intermediate_size");
        return new FeedForwardSpec.Experts(
                router, config.experts(experts, inner, config.role(block, "mlp.experts.")), Optional.empty());
    }
}
