package dev.quipforge.llm.model;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.config.ModelConfig;
import dev.quipforge.llm.format.Formats;
import dev.quipforge.llm.format.StoredTensor;
import dev.quipforge.llm.format.WeightFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The names and shapes of the tensors of a Llama model. */
public final class Layout {

    /** Name of the embedding table. */
    public static final String EMBEDDING = "model.embed_tokens.weight";

    /** Name of the last norm. */
    public static final String FINAL_NORM = "model.norm.weight";

    /** Name of the head; absent where the embedding table serves. */
    public static final String HEAD = "lm_head.weight";

    static final String BLOCKS = "model.layers.";

    private final ModelConfig config;

    public Layout(ModelConfig config) {
        this.config = config;
    }

    /** Name of the norm before the attention of a block. */
    public static String attentionNorm(int block) {
        return BLOCKS + block + ".input_layernorm.weight";
    }

    /** Name of the norm before the MLP of a block. */
    public static String mlpNorm(int block) {
        return BLOCKS + block + ".post_attention_layernorm.weight";
    }

    /** The linears that are quantized, block by block, in the order of {@link Input}. */
    public List<LinearGroup> groups() {
        return IntStream.range(0, config.sizes().blocks())
                .boxed()
                .flatMap(block -> Arrays.stream(Input.values()).map(input -> LinearGroup.of(block, input)))
                .toList();
    }

    /** The group of a linear, named as in {@link LinearGroup#linears()}. */
    public LinearGroup group(String linear) {
        return groups().stream()
                .filter(group -> group.linears().contains(linear))
                .findFirst()
                .orElseThrow(() -> new InvalidModelException(linear, "not a linear of this architecture"));
    }

    /** The shape [outputs × inputs] of a linear, named as in {@link LinearGroup#linears()}. */
    public LinearShape shape(String linear) {
        String kind = linear.substring(linear.lastIndexOf('.') + 1);
        int hidden = config.sizes().hidden();
        int intermediate = config.sizes().intermediate();
        ModelConfig.Heads heads = config.heads();
        return switch (kind) {
            case "q_proj" -> new LinearShape(heads.queryWidth(), hidden);
            case "k_proj", "v_proj" -> new LinearShape(heads.keyValueWidth(), hidden);
            case "o_proj" -> new LinearShape(hidden, heads.queryWidth());
            case "gate_proj", "up_proj" -> new LinearShape(intermediate, hidden);
            case "down_proj" -> new LinearShape(hidden, intermediate);
            default -> throw new InvalidModelException(linear, "not a linear of this architecture");
        };
    }

    /** Weights of all linears of a group. */
    public long weights(LinearGroup group) {
        return group.linears().stream().mapToLong(name -> shape(name).weights()).sum();
    }

    /** Parameters of the dense model: every tensor of {@link #denseTensors()}. */
    public long parameters() {
        return denseTensors().values().stream()
                .mapToLong(shape -> shape.stream().reduce(1L, Math::multiplyExact))
                .sum();
    }

    /** Every tensor of the model by name: dense, or with the linears as they are quantized. */
    Map<String, ExpectedTensor> tensors() {
        Map<String, ExpectedTensor> tensors = new LinkedHashMap<>();
        denseTensors().forEach((name, shape) -> tensors.put(name, ExpectedTensor.floating(shape)));
        config.quantization()
                .map(Formats::of)
                .ifPresent(format -> groups().stream()
                        .flatMap(group -> group.linears().stream())
                        .filter(linear -> !config.keptLinears().contains(linear))
                        .forEach(linear -> {
                            tensors.remove(linear + ".weight");
                            tensors.putAll(quantized(format, linear));
                        }));
        return tensors;
    }

    private Map<String, ExpectedTensor> quantized(WeightFormat format, String linear) {
        LinearShape shape = shape(linear);
        StoredTensor codes = format.codes(
                WeightFormat.padded(shape.outputs(), format.rowUnit()),
                WeightFormat.padded(shape.inputs(), format.columnUnit()));
        return Map.of(
                linear + format.suffix(),
                new ExpectedTensor(codes.shape(), codes.type()),
                linear + StoredTensor.INPUT_SIGNS,
                ExpectedTensor.floating(List.of((long) shape.inputs())),
                linear + StoredTensor.OUTPUT_SCALES,
                ExpectedTensor.floating(List.of((long) shape.outputs())));
    }

    /** Tensors that a quantized model may have beside {@link #tensors}, by name: tables of linears. */
    Map<String, ExpectedTensor> optionalTensors() {
        Map<String, ExpectedTensor> tensors = new LinkedHashMap<>();
        config.quantization()
                .map(Formats::of)
                .flatMap(WeightFormat::table)
                .ifPresent(table -> groups().stream()
                        .flatMap(group -> group.linears().stream())
                        .filter(linear -> !config.keptLinears().contains(linear))
                        .forEach(linear ->
                                tensors.put(linear + StoredTensor.TABLE, ExpectedTensor.floating(table.shape()))));
        return tensors;
    }

    /** Name and shape of every tensor of the dense model. */
    private Map<String, List<Long>> denseTensors() {
        Map<String, List<Long>> tensors = unquantizedTensors();
        for (LinearGroup group : groups()) {
            for (String linear : group.linears()) {
                tensors.put(linear + ".weight", shape(linear).asList());
            }
        }
        return tensors;
    }

    private Map<String, List<Long>> unquantizedTensors() {
        long hidden = config.sizes().hidden();
        long vocabulary = config.sizes().vocabulary();
        Map<String, List<Long>> tensors = new LinkedHashMap<>();
        tensors.put(EMBEDDING, List.of(vocabulary, hidden));
        for (int block = 0; block < config.sizes().blocks(); block++) {
            tensors.put(attentionNorm(block), List.of(hidden));
            tensors.put(mlpNorm(block), List.of(hidden));
        }
        tensors.put(FINAL_NORM, List.of(hidden));
        if (!config.tiedEmbeddings()) {
            tensors.put(HEAD, List.of(vocabulary, hidden));
        }
        return tensors;
    }

    /** Names that a checkpoint may hold besides the required ones, and that are not used. */
    boolean ignorable(String name) {
        List<String> endings = new ArrayList<>(List.of("rotary_emb.inv_freq"));
        if (config.tiedEmbeddings()) {
            endings.add(HEAD);
        }
        return endings.stream().anyMatch(name::endsWith);
    }
}
