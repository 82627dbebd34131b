package dev.quipforge.benchmarks;

import dev.quipforge.llm.json.StrictJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The shape of a published model: what its {@code config.json} says, and smaller models with blocks of the same shape.
 *
 * @param name its name
 * @param config the fields of {@code config.json}
 */
public record ModelShape(String name, Map<String, Object> config) {

    /** The demo model, for a CPU. */
    public static final String DEMO = "demo";

    /** What a card takes unless it is told otherwise. */
    public static final String LLAMA_3_8B = "llama-3-8b";

    private static final List<String> NAMES = List.of(DEMO, LLAMA_3_8B, "llama-3-70b", "qwen3-30b-a3b", "deepseek-v3");

    private static final String BLOCKS = "num_hidden_layers";
    private static final List<String> EXPERTS = List.of("n_routed_experts", "num_experts", "num_local_experts");
    private static final String CHOSEN = "num_experts_per_tok";
    private static final String LEADING_DENSE = "first_k_dense_replace";
    private static final Map<String, Object> ONE_GROUP = Map.of("n_group", 1, "topk_group", 1);

    /**
     * The shape of that name.
     *
     * @throws IllegalArgumentException when there is none
     */
    public static ModelShape of(String name) {
        if (!NAMES.contains(name)) {
            throw new IllegalArgumentException("shape: " + name + " (expected: one of " + NAMES + ")");
        }
        try (InputStream file = ModelShape.class.getResourceAsStream(name + ".json")) {
            byte[] json = Objects.requireNonNull(file, name).readAllBytes();
            return new ModelShape(name, StrictJson.parse(json, name).asMap());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Blocks of the whole model. */
    int blocks() {
        return number(BLOCKS);
    }

    /** Experts of a block; 0 where it is no mixture. */
    int experts() {
        return expertsField().map(this::number).orElse(0);
    }

    private Optional<String> expertsField() {
        return EXPERTS.stream().filter(config::containsKey).findFirst();
    }

    private int number(String field) {
        return config.get(field) instanceof Number number ? number.intValue() : 0;
    }

    /**
     * The configuration of a model with fewer blocks and experts. Of the experts a token goes to fewer, so that each sees as many
     * tokens as in the whole model; of blocks that come before the mixtures all but as many stay that one mixture is there.
     *
     * @param blocks number of blocks
     * @param experts number of experts of a block; as many as there are when 0
     * @throws IllegalArgumentException when the model has fewer
     */
    Map<String, Object> config(int blocks, int experts) {
        if (blocks < 1 || blocks > blocks()) {
            throw new IllegalArgumentException(
                    "blocks: " + blocks + " (expected: 1 to " + blocks() + " of " + name + ")");
        }
        if (experts < 0 || experts > experts()) {
            throw new IllegalArgumentException(
                    "experts: " + experts + " (expected: at most " + experts() + " of " + name + ")");
        }
        Map<String, Object> fewer = new LinkedHashMap<>(config);
        fewer.put(BLOCKS, blocks);
        if (config.containsKey(LEADING_DENSE)) {
            fewer.put(LEADING_DENSE, Math.min(number(LEADING_DENSE), blocks - 1));
        }
        if (experts > 0 && experts < experts()) {
            fewer.put(expertsField().orElseThrow(), experts);
            fewer.put(CHOSEN, Math.max(1, number(CHOSEN) * experts / experts()));
            ONE_GROUP.forEach((field, one) -> fewer.computeIfPresent(field, (_, _) -> one));
        }
        return fewer;
    }
}
