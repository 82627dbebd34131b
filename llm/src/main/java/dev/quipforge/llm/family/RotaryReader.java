package dev.quipforge.llm.family;

import dev.quipforge.engine.compute.RotaryGeometry.Pairs;
import dev.quipforge.llm.architecture.Rotary;
import dev.quipforge.llm.architecture.RotaryScaling;
import dev.quipforge.llm.architecture.RotaryScaling.Yarn;
import dev.quipforge.llm.json.JsonFields;
import java.util.List;
import java.util.Optional;

/**
 * Reads rotary embeddings in both forms: {@code rope_theta} and {@code rope_scaling} at the top (Transformers 4), or both in
 * {@code rope_parameters} (Transformers 5), there for all layers or for each kind of layer.
 */
final class RotaryReader {

    private static final double THETA = 10000;
    private static final String ORIGINAL = "original_max_position_embeddings";
    private static final String ATTENTION_FACTOR = "attention_factor";
    private static final String FACTOR = "factor";

    private final JsonFields fields;
    private final int context;
    private Pairs pairs = Pairs.HALVES;
    private int first;
    private double usualPart = 1;

    /**
     * @param fields the configuration
     * @param context most tokens of a text
     */
    RotaryReader(JsonFields fields, int context) {
        this.fields = fields;
        this.context = context;
    }

    /** Neighbouring columns turn together. */
    RotaryReader neighbours() {
        this.pairs = Pairs.NEIGHBOURS;
        return this;
    }

    /** The columns before {@code column} do not turn. */
    RotaryReader from(int column) {
        this.first = column;
        return this;
    }

    /** The part of the columns that turns where nothing is said of it. */
    RotaryReader part(double usual) {
        this.usualPart = usual;
        return this;
    }

    /** {@code mscale_all_dim} of YaRN, which some families put into the scale of their scores. */
    double magnitudeOfAllDimensions() {
        return fields.optionalObject("rope_parameters")
                .or(() -> fields.optionalObject("rope_scaling"))
                .filter(rope -> rope.has("mscale_all_dim"))
                .map(rope -> rope.number("mscale_all_dim"))
                .orElse(0.0);
    }

    /** The embedding of all layers. */
    Rotary read(int headWidth) {
        Optional<JsonFields> parameters = fields.optionalObject("rope_parameters");
        double theta = fields.positive("rope_theta", THETA);
        return parameters
                .map(rope -> rotary(headWidth, rope.positive("rope_theta", theta), Optional.of(rope)))
                .orElseGet(() -> rotary(headWidth, theta, fields.optionalObject("rope_scaling")));
    }

    /**
     * That of one kind of layer.
     *
     * @param kind such as {@code sliding_attention}
     * @param older the field with its base where there are no {@code rope_parameters}; such layers are not stretched
     * @param usual the base where neither is there
     */
    Rotary read(int headWidth, String kind, String older, double usual) {
        Optional<JsonFields> own = fields.optionalObject("rope_parameters").flatMap(rope -> rope.optionalObject(kind));
        if (own.isPresent()) {
            return rotary(headWidth, own.get().positive("rope_theta", usual), own);
        }
        boolean stretched = older.equals("rope_theta");
        return rotary(
                headWidth,
                fields.positive(older, usual),
                stretched ? fields.optionalObject("rope_scaling") : Optional.empty());
    }

    private Rotary rotary(int headWidth, double theta, Optional<JsonFields> rope) {
        double part = rope.filter(own -> own.has("partial_rotary_factor"))
                .orElse(fields)
                .positive("partial_rotary_factor", usualPart);
        int width = (int) ((headWidth - first) * part);
        if (part > 1 || width < 2 || width % 2 != 0) {
            throw fields.wrong("partial_rotary_factor", "a part of the " + headWidth + " columns that is even");
        }
        RotaryScaling scaling = rope.map(own -> scaling(own, width)).orElseGet(RotaryScaling.Unscaled::new);
        return Rotary.of(headWidth, first, width, pairs, theta, scaling);
    }

    private RotaryScaling scaling(JsonFields rope, int width) {
        String field = rope.has("rope_type") || !rope.has("type") ? "rope_type" : "type";
        return switch (rope.text(field, "default")) {
            case "default" -> new RotaryScaling.Unscaled();
            case "linear" -> new RotaryScaling.Linear(rope.positive(FACTOR));
            case "dynamic" -> new RotaryScaling.Dynamic(rope.positive(FACTOR), original(rope));
            case "llama3" -> llama3(rope);
            case "yarn" -> yarn(rope, width);
            case "longrope", "su" -> longRope(rope, width);
            default -> throw rope.wrong(field, "default, linear, dynamic, llama3, yarn or longrope");
        };
    }

    private int original(JsonFields rope) {
        return rope.positiveInt(ORIGINAL, fields.positiveInt(ORIGINAL, context));
    }

    private RotaryScaling.Llama3 llama3(JsonFields rope) {
        double low = rope.positive("low_freq_factor");
        double high = rope.positive("high_freq_factor");
        if (high <= low) {
            throw rope.wrong("high_freq_factor", "more than low_freq_factor " + low);
        }
        return new RotaryScaling.Llama3(rope.positive(FACTOR), low, high, original(rope));
    }

    private Yarn yarn(JsonFields rope, int width) {
        int original = original(rope);
        double factor = rope.positive(FACTOR, (double) context / original);
        boolean weighed = rope.has("mscale") && rope.has("mscale_all_dim");
        double amplitude = weighed
                ? Yarn.magnitude(factor, rope.number("mscale")) / Yarn.magnitude(factor, rope.number("mscale_all_dim"))
                : Yarn.magnitude(factor, 1);
        return new Yarn(
                factor,
                rope.positive("beta_fast", 32),
                rope.positive("beta_slow", 1),
                original,
                width,
                rope.flag("truncate", true),
                rope.positive(ATTENTION_FACTOR, amplitude));
    }

    private RotaryScaling.LongRope longRope(JsonFields rope, int width) {
        int original = original(rope);
        double factor = fields.has(ORIGINAL) || (rope.has(ORIGINAL) && !rope.has(FACTOR))
                ? (double) context / original
                : rope.positive(FACTOR, 1);
        double amplitude = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
        return new RotaryScaling.LongRope(
                divisors(rope, "short_factor", width),
                divisors(rope, "long_factor", width),
                original,
                rope.positive(ATTENTION_FACTOR, amplitude));
    }

    private static List<Double> divisors(JsonFields rope, String field, int width) {
        List<Double> divisors = rope.numbers(field);
        if (divisors.size() != width / 2 || divisors.contains(0.0)) {
            throw rope.wrong(field, width / 2 + " positive numbers, one for each pair that turns");
        }
        return divisors;
    }
}
