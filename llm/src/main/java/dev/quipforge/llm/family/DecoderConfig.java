package dev.quipforge.llm.family;

import dev.quipforge.engine.compute.AttentionGeometry;
import dev.quipforge.engine.compute.GatedActivation;
import dev.quipforge.llm.architecture.Architecture;
import dev.quipforge.llm.architecture.AttentionSpec;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.FeedForwardSpec;
import dev.quipforge.llm.architecture.LinearShape;
import dev.quipforge.llm.architecture.LinearSpec;
import dev.quipforge.llm.architecture.NormSpec;
import dev.quipforge.llm.architecture.Projection;
import dev.quipforge.llm.architecture.Rotary;
import dev.quipforge.llm.architecture.RouterSpec;
import dev.quipforge.llm.architecture.TensorPart;
import dev.quipforge.llm.json.JsonFields;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** The fields of a {@code config.json} that many families share, and the parts of a decoder that they make. */
final class DecoderConfig {

    /** The most blocks and the most experts of a block that are believed: both are allocated before any tensor is looked at. */
    private static final int MOST = 1024;

    private static final String FULL = "full_attention";
    private static final String SLIDING = "sliding_attention";

    private final JsonFields fields;
    private final TensorNames names;
    private final int hidden;
    private final Heads heads;

    /**
     * Attention heads.
     *
     * @param query number of query heads
     * @param keyValue number of key and value heads
     * @param width width of one head
     */
    record Heads(int query, int keyValue, int width) {

        /** The scale of scores that most families have. */
        float scale() {
            return (float) (1 / Math.sqrt(width));
        }

        /** Its attention, of all tokens before. */
        AttentionGeometry geometry() {
            return AttentionGeometry.of(query, keyValue, width);
        }

        /** Its attention, of the last {@code window} tokens. */
        AttentionGeometry geometry(int window) {
            return geometry(scale(), window, 0);
        }

        /** With a scale, a window and a cap of its own. */
        AttentionGeometry geometry(float scale, int window, float cap) {
            return new AttentionGeometry(query, keyValue, width, width, scale, window, cap);
        }

        int queryWidth() {
            return query * width;
        }

        int keyValueWidth() {
            return keyValue * width;
        }
    }

    DecoderConfig(JsonFields fields, TensorNames names) {
        this.fields = fields;
        this.names = names;
        this.hidden = fields.positiveInt("hidden_size");
        this.heads = readHeads();
    }

    private Heads readHeads() {
        int query = fields.positiveInt("num_attention_heads");
        int keyValue = fields.positiveInt("num_key_value_heads", query);
        if (query % keyValue != 0) {
            throw fields.wrong("num_key_value_heads", "a divisor of the " + query + " attention heads");
        }
        if (!fields.has("head_dim") && hidden % query != 0) {
            throw fields.wrong("num_attention_heads", "a divisor of the hidden size " + hidden);
        }
        int width = fields.positiveInt("head_dim", Math.max(1, hidden / query));
        if (width % 2 != 0) {
            throw fields.wrong("head_dim", "an even width");
        }
        return new Heads(query, keyValue, width);
    }

    /** All fields. */
    JsonFields fields() {
        return fields;
    }

    Heads heads() {
        return heads;
    }

    int hidden() {
        return hidden;
    }

    int inner() {
        return fields.positiveInt("intermediate_size");
    }

    /** A count of what is allocated before any tensor is looked at. */
    int bounded(String field) {
        int count = fields.positiveInt(field);
        if (count > MOST) {
            throw fields.wrong(field, "at most " + MOST);
        }
        return count;
    }

    private int blocks() {
        return bounded("num_hidden_layers");
    }

    /** Refuses a model that has what is not supported. */
    void requireAbsent(String field, String feature) {
        if (fields.has(field)) {
            throw fields.wrong(field, "null; " + feature + " is not supported");
        }
    }

    // ---- norms and linears

    float epsilon() {
        return (float) fields.positive("rms_norm_eps", 1e-6);
    }

    /** The root-mean-square norm {@code role} of a block, of the hidden state. */
    NormSpec norm(int block, String role) {
        return norm(block, role, hidden);
    }

    /** Another one. */
    NormSpec norm(int block, String role, int width) {
        return NormSpec.rms(tensor(block, role), width, epsilon());
    }

    /** The norm before the head. */
    NormSpec lastNorm() {
        return NormSpec.rms(names.norm(), hidden, epsilon());
    }

    /** The usual norms before both halves of a block. */
    BlockSpec.Norms usualNorms(int block) {
        return BlockSpec.Norms.before(norm(block, "input_layernorm"), norm(block, "post_attention_layernorm"));
    }

    /** Name of the tensor {@code <role>.weight} of a block. */
    String tensor(int block, String role) {
        return role(block, role) + ".weight";
    }

    /** {@code role} of a block, as its tensors are called. */
    String role(int block, String role) {
        return names.block(block) + role;
    }

    LinearSpec linear(int block, String role, int outputs, int inputs, boolean biased) {
        return LinearSpec.plain(role(block, role), outputs, inputs, biased);
    }

    /**
     * A linear without a bias that is some rows of a fused one.
     *
     * @param name its own name
     * @param shape its own shape
     * @param fused role of the fused one
     * @param rows all its rows
     * @param first first of them
     */
    LinearSpec part(int block, String name, LinearShape shape, String fused, int rows, int first) {
        return new LinearSpec(
                role(block, name),
                shape,
                TensorPart.rows(tensor(block, fused), first, rows, shape.inputs()),
                Optional.empty());
    }

    // ---- attention

    /** Queries, keys and values by a linear each, without norms. */
    Projection.Direct direct(int block, boolean biased) {
        return new Projection.Direct(
                linear(block, "self_attn.q_proj", heads.queryWidth(), hidden, biased),
                linear(block, "self_attn.k_proj", heads.keyValueWidth(), hidden, biased),
                linear(block, "self_attn.v_proj", heads.keyValueWidth(), hidden, biased),
                Optional.empty(),
                Optional.empty());
    }

    /** The same with norms of queries and keys. */
    Projection.Direct direct(int block, boolean biased, NormSpec queryNorm, NormSpec keyNorm) {
        Projection.Direct plain = direct(block, biased);
        return new Projection.Direct(
                plain.query(), plain.key(), plain.value(), Optional.of(queryNorm), Optional.of(keyNorm));
    }

    LinearSpec attentionOutput(int block, boolean biased) {
        return linear(block, "self_attn.o_proj", hidden, heads.queryWidth(), biased);
    }

    /** An attention without sinks. */
    AttentionSpec attention(
            int block,
            AttentionGeometry geometry,
            Projection projection,
            Optional<Rotary> rotary,
            boolean outputBiased) {
        return new AttentionSpec(geometry, projection, rotary, Optional.empty(), attentionOutput(block, outputBiased));
    }

    boolean attentionBias() {
        return fields.flag("attention_bias", false);
    }

    /** {@code sliding_window}, or no limit where there is none. */
    int window() {
        return fields.positiveInt("sliding_window", AttentionGeometry.UNLIMITED);
    }

    /** The window of a block: {@link #window()} where its layer is of the sliding kind. */
    int window(int block, IntPredicate usual) {
        return isSliding(block, usual) ? window() : AttentionGeometry.UNLIMITED;
    }

    /**
     * Whether a block attends to a sliding window.
     *
     * @param usual says it where {@code layer_types} is not given
     */
    boolean isSliding(int block, IntPredicate usual) {
        List<String> types = fields.texts("layer_types");
        if (types.isEmpty()) {
            return usual.test(block);
        }
        if (types.size() != blocks()) {
            throw fields.wrong("layer_types", "one for each of " + blocks() + " layers, not " + types.size());
        }
        return switch (types.get(block)) {
            case FULL -> false;
            case SLIDING -> true;
            default ->
                throw fields.wrong(
                        "layer_types", FULL + " or " + SLIDING + "; " + types.get(block) + " is not supported");
        };
    }

    /** The rotary embeddings of this model. */
    RotaryReader rotary() {
        return new RotaryReader(fields, context());
    }

    /** The usual rotary embedding: all columns of a head, one for all layers. */
    Optional<Rotary> usualRotary() {
        return Optional.of(rotary().read(heads.width()));
    }

    // ---- feed-forward

    /** The gated product with the usual names. */
    FeedForwardSpec.Gated gated(int block, boolean biased) {
        return gated(role(block, "mlp."), inner(), biased, "mlp");
    }

    /** The same without biases, its activation named by another field, with another usual one. */
    FeedForwardSpec.Gated gated(int block, String field, String usual) {
        FeedForwardSpec.Gated gated = gated(block, false);
        return new FeedForwardSpec.Gated(
                gated.gate(), gated.up(), gated.down(), activation(field, usual), gated.name());
    }

    /**
     * A gated product.
     *
     * @param prefix before {@code gate_proj}, {@code up_proj} and {@code down_proj}
     * @param inner width between up and down
     * @param name what its inputs are called
     */
    FeedForwardSpec.Gated gated(String prefix, int inner, boolean biased, String name) {
        return new FeedForwardSpec.Gated(
                LinearSpec.plain(prefix + "gate_proj", inner, hidden, biased),
                LinearSpec.plain(prefix + "up_proj", inner, hidden, biased),
                LinearSpec.plain(prefix + "down_proj", hidden, inner, biased),
                activation("hidden_act"),
                name);
    }

    /** The gated product of which gate and up are one tensor. */
    FeedForwardSpec.Gated fusedGated(int block) {
        int inner = inner();
        String fused = "mlp.gate_up_proj";
        LinearShape shape = new LinearShape(inner, hidden);
        return new FeedForwardSpec.Gated(
                part(block, "mlp.gate_proj", shape, fused, 2 * inner, 0),
                part(block, "mlp.up_proj", shape, fused, 2 * inner, inner),
                linear(block, "mlp.down_proj", hidden, inner, false),
                activation("hidden_act"),
                "mlp");
    }

    /** The experts of a block, each with tensors of its own below {@code prefix<index>.}. */
    List<FeedForwardSpec.Gated> experts(int count, int inner, String prefix) {
        return IntStream.range(0, count)
                .mapToObj(expert -> gated(prefix + expert + ".", inner, false, expert(expert)))
                .toList();
    }

    /** How many of {@code experts} experts a token goes to. */
    RouterSpec.Choice choice(int experts) {
        int chosen = fields.positiveInt("num_experts_per_tok");
        if (chosen > experts) {
            throw fields.wrong("num_experts_per_tok", "at most the " + experts + " experts");
        }
        return RouterSpec.Choice.of(chosen);
    }

    /** What the inputs of an expert are called. */
    static String expert(int index) {
        return "expert-" + index;
    }

    /** The activation that a field names. */
    GatedActivation activation(String field) {
        return activation(field, "silu");
    }

    private GatedActivation activation(String field, String usual) {
        return switch (fields.text(field, usual)) {
            case "silu", "swish" -> GatedActivation.SILU;
            case "gelu_pytorch_tanh", "gelu_new" -> GatedActivation.GELU_TANH;
            case "gelu" -> GatedActivation.GELU;
            default -> throw fields.wrong(field, "silu, gelu or gelu_pytorch_tanh");
        };
    }

    // ---- the whole

    private int context() {
        return fields.positiveInt("max_position_embeddings", 2048);
    }

    /** A model with the usual head and embedding. */
    Architecture model(boolean usuallyTied, IntFunction<BlockSpec> block) {
        return model(block, 1, head(lastNorm(), usuallyTied, 1, 0));
    }

    Architecture.Head head(NormSpec norm, boolean usuallyTied, float multiplier, float cap) {
        boolean tied = fields.flag("tie_word_embeddings", usuallyTied);
        return new Architecture.Head(norm, names.head(), tied, multiplier, cap);
    }

    /**
     * A model.
     *
     * @param block makes its blocks
     * @param embeddingMultiplier what embeddings are multiplied by
     * @param head its head
     */
    Architecture model(IntFunction<BlockSpec> block, float embeddingMultiplier, Architecture.Head head) {
        return new Architecture(
                fields.text("model_type"),
                new Architecture.Sizes(hidden, fields.positiveInt("vocab_size"), context()),
                new Architecture.Embedding(names.embedding(), embeddingMultiplier),
                IntStream.range(0, blocks()).mapToObj(block).toList(),
                head,
                List.of());
    }
}
