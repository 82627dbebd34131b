package dev.quipforge.contracts;

import java.util.List;

/**
 * How a job can be tuned: what the job API checks against and the dashboard shows. The workers check again, by what they can
 * do.
 *
 * @param modes what is tuned, the default first
 * @param presets how long, the default first
 */
public record TuningCatalogue(List<Choice> modes, List<Choice> presets) {

    /** No tuning, and the default. */
    public static final String NONE = "none";

    /** Every block by itself. */
    public static final String BLOCKS = "blocks";

    /** Every block by itself, then the whole model. */
    public static final String BLOCKS_AND_END_TO_END = "blocks+end-to-end";

    private static final TuningCatalogue STANDARD = new TuningCatalogue(
            List.of(
                    new Choice(NONE, "No tuning", "The linears are rounded and nothing else changes."),
                    new Choice(
                            BLOCKS,
                            "Each block",
                            "About a third of the error comes back. Several times the time of quantizing: the rest of a block"
                                    + " learns after each of its groups (four, or more with many experts), block beside"
                                    + " block on all workers. The hidden states of the original are stored once: 2 bytes ×"
                                    + " tokens × width × (blocks + 1)."),
                    new Choice(
                            BLOCKS_AND_END_TO_END,
                            "Each block, then the whole model",
                            "About half of the error comes back. The second part costs several passes forward and backward"
                                    + " over all calibration text, on one worker, with the whole quantized model in its"
                                    + " memory.")),
            List.of(
                    new Choice(
                            "standard", "Standard", "The settings of the published results, for this size of model."),
                    new Choice("fast", "Fast", "Fewer epochs: about a third of the time for most of the effect.")));

    public TuningCatalogue {
        modes = List.copyOf(modes);
        presets = List.copyOf(presets);
    }

    /** What quipforge offers. */
    public static TuningCatalogue standard() {
        return STANDARD;
    }
}
