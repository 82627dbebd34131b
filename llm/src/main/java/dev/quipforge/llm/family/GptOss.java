package dev.quipforge.llm.family;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.GatedActivation;
import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.architecture.AttentionSpec;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.FeedForwardSpec;
import dev.quipforge.llm.architecture.LinearShape;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.architecture.RouterSpec;
import dev.quipforge.llm.architecture.TensorPart;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** gpt-oss: sinks in every head, biases everywhere, experts in tensors of three dimensions in which gate and up take turns. */
final class GptOss implements Family {

    @Override
    public Architecture read(DecoderConfig config) {
        boolean biased = config.fields().flag("attention_bias", true);
        return config.model(
                false,
                block -> BlockSpec.of(
                        block, attention(config, block, biased), experts(config, block), config.usualNorms(block)));
    }

    private static AttentionSpec attention(DecoderConfig config, int block, boolean biased) {
        AttentionGeometry geometry = config.heads().geometry(config.window(block, index -> index % 2 == 0));
        return new AttentionSpec(
                geometry,
                config.direct(block, biased),
                config.usualRotary(),
                Optional.of(config.role(block, "self_attn.sinks")),
                config.attentionOutput(block, biased));
    }

    private static FeedForwardSpec experts(DecoderConfig config, int block) {
        int experts = config.bounded("num_local_experts");
        RouterSpec router = RouterSpec.softmax(
                config.tensor(block, "mlp.router"),
                Optional.of(config.role(block, "mlp.router.bias")),
                experts,
                config.choice(experts),
                true);
        return new FeedForwardSpec.Experts(
                router,
                IntStream.range(0, experts)
                        .mapToObj(expert -> expert(config, block, experts, expert))
                        .toList(),
                Optional.empty());
    }

    private static FeedForwardSpec.Gated expert(DecoderConfig config, int block, int experts, int expert) {
        int hidden = config.hidden();
        int inner = config.inner();
        Part part = new Part(config.role(block, "mlp.experts."), experts, expert);
        return new FeedForwardSpec.Gated(
                part.linear("gate_proj", inner, hidden, "gate_up_proj", 0, 2),
                part.linear("up_proj", inner, hidden, "gate_up_proj", 1, 2),
                part.linear("down_proj", hidden, inner, "down_proj", 0, 1),
                GatedActivation.CLAMPED_SWISH,
                DecoderConfig.expert(expert));
    }

    /** One of the experts whose tensors begin with {@code prefix}. */
    private record Part(String prefix, int experts, int expert) {

        /** Of the outputs of tensor {@code fused} [experts × inputs × step · outputs] every {@code step}-th from {@code first} on. */
        LinearSpec linear(String name, int outputs, int inputs, String fused, int first, int step) {
            long columns = (long) step * outputs;
            List<Long> shape = List.of((long) experts, (long) inputs, columns);
            List<Long> biasShape = List.of((long) experts, columns);
            return new LinearSpec(
                    prefix + expert + "." + name,
                    new LinearShape(outputs, inputs),
                    new TensorPart(prefix + fused, shape, expert, first, step, true),
                    Optional.of(new TensorPart(prefix + fused + "_bias", biasShape, expert, first, step, false)));
        }
    }
}
