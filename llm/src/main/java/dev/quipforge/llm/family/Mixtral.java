package dev.quipforge.llm.family;

import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.FeedForwardSpec;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.architecture.RouterSpec;
import java.util.Optional;
import java.util.stream.IntStream;

/** Mixtral: Mistral with experts. */
final class Mixtral implements Family {

    @Override
    public Architecture read(DecoderConfig config) {
        return config.model(
                false,
                block -> BlockSpec.of(
                        block, Mistral.attention(config, block), experts(config, block), config.usualNorms(block)));
    }

    private static FeedForwardSpec experts(DecoderConfig config, int block) {
        int experts = config.bounded("num_local_experts");
        RouterSpec router = RouterSpec.softmax(
                config.tensor(block, "block_sparse_moe.gate"), Optional.empty(), experts, config.choice(experts), true);
        return new FeedForwardSpec.Experts(
                router,
                IntStream.range(0, experts)
                        .mapToObj(expert -> expert(config, block, expert))
                        .toList(),
                Optional.empty());
    }

    private static FeedForwardSpec.Gated expert(DecoderConfig config, int block, int expert) {
        String prefix = config.role(block, "block_sparse_moe.experts." + expert + ".");
        int hidden = config.hidden();
        int inner = config.inner();
        return new FeedForwardSpec.Gated(
                LinearSpec.plain(prefix + "w1", inner, hidden, false),
                LinearSpec.plain(prefix + "w3", inner, hidden, false),
                LinearSpec.plain(prefix + "w2", hidden, inner, false),
                config.activation("hidden_act"),
                DecoderConfig.expert(expert));
    }
}
