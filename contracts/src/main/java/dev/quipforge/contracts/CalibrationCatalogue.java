package dev.quipforge.contracts;

import java.util.List;

/**
 * What a job can be calibrated on: what the job API checks against and the dashboard shows.
 *
 * @param sources where the windows come from, the default first
 */
public record CalibrationCatalogue(List<Choice> sources) {

    /** A text that the job names, and the default. */
    public static final String TEXT = "text";

    /** What the original model writes. */
    public static final String SELF_GENERATED = "self-generated";

    private static final CalibrationCatalogue STANDARD = new CalibrationCatalogue(List.of(
            new Choice(
                    TEXT, "A text", "As many windows as asked for, if the text has them, taken evenly from all of it."),
            new Choice(
                    SELF_GENERATED,
                    "What the model writes itself",
                    "No text is needed, and there are as many windows as asked for. The original draws every token from its own"
                            + " distribution, 64 windows at a time on every calibration worker: several times the time of"
                            + " calibrating on a text.")));

    public CalibrationCatalogue {
        sources = List.copyOf(sources);
    }

    /** What quipforge offers. */
    public static CalibrationCatalogue standard() {
        return STANDARD;
    }
}
