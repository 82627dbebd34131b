package dev.quipforge.llm.config;

import dev.quipforge.llm.InvalidModelException;

/**
 * What is tuned after rounding, and how.
 *
 * @param mode what
 * @param blocks how each block is tuned after each of its groups
 * @param endToEnd how the whole model is tuned
 * @param validation part of the windows that decide which state is kept, in (0, 1); at least one window
 * @param patience epochs without a better state after which a training ends
 */
public record TuningConfig(
        TuningMode mode, TuningSchedule blocks, TuningSchedule endToEnd, double validation, int patience) {

    /** A model with a narrower hidden state than this is small. */
    private static final int SMALL = 1024;

    /** A model with at least so wide a hidden state is large: 7B and above. */
    private static final int LARGE = 4096;

    private static final double EIGHTH = 0.125;

    /**
     * Checks everything.
     *
     * @throws InvalidModelException naming the value that is wrong
     */
    public TuningConfig {
        if (!(validation > 0 && validation < 1)) {
            throw new InvalidModelException("validation", validation + " (expected: between 0 and 1)");
        }
        if (patience < 1) {
            throw new InvalidModelException("patience", patience + " (expected: at least 1)");
        }
    }

    /** No tuning. */
    public static TuningConfig none() {
        TuningSchedule schedule = new TuningSchedule(0, 0, 0, 1, 1, 0, 1);
        return new TuningConfig(TuningMode.NONE, schedule, schedule, EIGHTH, 1);
    }

    /**
     * The settings of a preset for a model of that size. Those of large models are published (QuIP#, appendix F.6: rate
     * 5·10⁻⁵, sign vectors 5·10⁻⁴, 8 windows a step, 5 epochs); small models bear and need more.
     */
    public static TuningConfig of(TuningMode mode, TuningPreset preset, ModelConfig model) {
        int hidden = model.hidden();
        boolean fast = preset == TuningPreset.FAST;
        if (hidden < SMALL) {
            return new TuningConfig(
                    mode,
                    new TuningSchedule(1e-3, 1e-3, fast ? 1 : 4, 8, 1, 0, 0),
                    new TuningSchedule(1e-3, 1e-3, fast ? 2 : 8, 8, 1, 0, 0),
                    EIGHTH,
                    3);
        }
        double weights = hidden < LARGE ? 1e-4 : 5e-5;
        double vectors = hidden < LARGE ? 1e-3 : 5e-4;
        return new TuningConfig(
                mode,
                new TuningSchedule(vectors, weights, fast ? 2 : 5, 4, 2, 0.05, 0.1),
                new TuningSchedule(vectors, weights, fast ? 1 : 4, 1, 8, 0.05, 0.1),
                EIGHTH,
                3);
    }

    /**
     * These settings with one changed.
     *
     * @param setting {@code validation}, {@code patience}, or a component of a {@link TuningSchedule} after {@code blocks.} or
     *     {@code endToEnd.}
     * @param value its value
     * @throws InvalidModelException when there is none of that name, or the value is out of its bounds
     */
    public TuningConfig with(String setting, double value) {
        int dot = setting.indexOf('.');
        String component = setting.substring(dot + 1);
        return switch (dot < 0 ? setting : setting.substring(0, dot + 1)) {
            case "blocks." -> new TuningConfig(mode, blocks.with(component, value), endToEnd, validation, patience);
            case "endToEnd." -> new TuningConfig(mode, blocks, endToEnd.with(component, value), validation, patience);
            case "validation" -> new TuningConfig(mode, blocks, endToEnd, value, patience);
            case "patience" ->
                new TuningConfig(mode, blocks, endToEnd, validation, TuningSchedule.whole(setting, value));
            default ->
                throw new InvalidModelException(
                        "tuning setting",
                        setting + " (expected: validation, patience, or a setting of blocks. or endToEnd. such as"
                                + " blocks.epochs)");
        };
    }
}
