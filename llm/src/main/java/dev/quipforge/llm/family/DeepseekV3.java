package dev.quipforge.llm.family;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.architecture.AttentionSpec;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.FeedForwardSpec;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.architecture.NormSpec;
import dev.quipforge.llm.architecture.Projection;
import dev.quipforge.llm.architecture.Rotary;
import dev.quipforge.llm.architecture.RotaryScaling;
import dev.quipforge.llm.architecture.RouterSpec;
import java.util.Optional;

/** DeepSeek V3 and R1: multi-head latent attention, and experts in groups with one that all tokens go to. */
final class DeepseekV3 implements Family {

    /** That of the norms of compressed activations, whatever the configuration says of the others. */
    private static final float EPSILON = 1e-6f;

    @Override
    public Architecture read(DecoderConfig config) {
        int dense = (int) config.fields().integer("first_k_dense_replace", 3);
        Latent latent = Latent.of(config);
        return config.model(
                        false,
                        block -> BlockSpec.of(
                                block,
                                latent.attention(config, block),
                                block < dense ? config.gated(block, false) : experts(config, block),
                                config.usualNorms(block)))
                .withForeign(config.role((int) config.fields().integer("num_hidden_layers", 0), ""));
    }

    /**
     * Widths of latent attention.
     *
     * @param query of the compressed queries; 0 where they are not compressed
     * @param keyValue of the compressed keys and values
     * @param still columns of a head that do not turn
     * @param turning columns of a head that turn
     * @param value columns of a head of values
     */
    private record Latent(int query, int keyValue, int still, int turning, int value) {

        static Latent of(DecoderConfig config) {
            return new Latent(
                    config.fields().has("q_lora_rank") ? config.fields().positiveInt("q_lora_rank") : 0,
                    config.fields().positiveInt("kv_lora_rank"),
                    config.fields().positiveInt("qk_nope_head_dim"),
                    config.fields().positiveInt("qk_rope_head_dim"),
                    config.fields().positiveInt("v_head_dim"));
        }

        AttentionSpec attention(DecoderConfig config, int block) {
            int heads = config.heads().query();
            int width = still + turning;
            Rotary rotary = rotary(config);
            AttentionGeometry geometry = new AttentionGeometry(
                    heads, heads, width, value, scale(config, rotary), AttentionGeometry.UNLIMITED, 0);
            boolean biased = config.attentionBias();
            return new AttentionSpec(
                    geometry,
                    projection(config, block, biased),
                    Optional.of(rotary),
                    Optional.empty(),
                    config.linear(block, "self_attn.o_proj", config.hidden(), heads * value, biased));
        }

        private Rotary rotary(DecoderConfig config) {
            boolean neighbours = config.fields().flag("rope_interleave", true);
            return (neighbours ? config.rotary().neighbours() : config.rotary())
                    .from(still)
                    .read(still + turning);
        }

        /** With the square of YaRN's magnitude, which this family puts here and not on queries and keys. */
        private float scale(DecoderConfig config, Rotary rotary) {
            double scale = 1 / Math.sqrt(still + turning);
            if (rotary.scaling() instanceof RotaryScaling.Yarn yarn) {
                double magnitude = RotaryScaling.Yarn.magnitude(
                        yarn.factor(), config.rotary().magnitudeOfAllDimensions());
                scale *= magnitude * magnitude;
            }
            return (float) scale;
        }

        private Projection projection(DecoderConfig config, int block, boolean biased) {
            int heads = config.heads().query();
            int width = still + turning;
            int hidden = config.hidden();
            LinearSpec up = query == 0
                    ? config.linear(block, "self_attn.q_proj", heads * width, hidden, false)
                    : config.linear(block, "self_attn.q_b_proj", heads * width, query, false);
            Optional<Projection.Compressed> compressed = query == 0
                    ? Optional.empty()
                    : Optional.of(new Projection.Compressed(
                            config.linear(block, "self_attn.q_a_proj", query, hidden, biased),
                            norm(config, block, "self_attn.q_a_layernorm", query)));
            return new Projection.Latent(
                    up,
                    compressed,
                    config.linear(block, "self_attn.kv_a_proj_with_mqa", keyValue + turning, hidden, biased),
                    norm(config, block, "self_attn.kv_a_layernorm", keyValue),
                    config.linear(block, "self_attn.kv_b_proj", heads * (still + value), keyValue, false));
        }

        private static NormSpec norm(DecoderConfig config, int block, String role, int width) {
            return NormSpec.rms(config.tensor(block, role), width, EPSILON);
        }
    }

    private static FeedForwardSpec experts(DecoderConfig config, int block) {
        int experts = config.bounded("n_routed_experts");
        int inner = config.fields().positiveInt("moe_intermediate_size");
        int shared = config.fields().positiveInt("n_shared_experts", 1);
        RouterSpec router = new RouterSpec(
                config.tensor(block, "mlp.gate"),
                Optional.empty(),
                Optional.of(config.role(block, "mlp.gate.e_score_correction_bias")),
                experts,
                new RouterSpec.Choice(
                        config.choice(experts).experts(),
                        config.fields().positiveInt("n_group", 1),
                        config.fields().positiveInt("topk_group", 1)),
                RouterSpec.Scoring.SIGMOID,
                config.fields().flag("norm_topk_prob", true),
                (float) config.fields().positive("routed_scaling_factor", 1));
        return new FeedForwardSpec.Experts(
                router,
                config.experts(experts, inner, config.role(block, "mlp.experts.")),
                Optional.of(config.gated(config.role(block, "mlp.shared_experts."), shared * inner, false, "shared")));
    }
}
