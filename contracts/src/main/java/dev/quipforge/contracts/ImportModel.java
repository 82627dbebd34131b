package dev.quipforge.contracts;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Command: check a Hugging Face directory, hash it, store it with the texts of the job, and cut the calibration text, if there
 * is one, into windows. Result: {@link TaskResult.ModelImported}.
 *
 * @param directory a directory that the worker may read
 * @param calibration what to calibrate on, and how much of it
 * @param evaluationText path of the text to evaluate on; null for none
 * @param overrides names of groups that the recipe has other settings for, each of which must match some and none the same as
 *     another; null for none
 */
public record ImportModel(
        String directory,
        CalibrationSource calibration,
        @Nullable String evaluationText,
        @Nullable List<String> overrides)
        implements Task {

    public ImportModel {
        overrides = overrides == null ? null : List.copyOf(overrides);
    }

    /**
     * Where the calibration windows come from.
     *
     * @param text path of a UTF-8 text that the worker may read; null when the model is to write the windows itself, which
     *     {@link GenerateWindows} has it do: then it is only checked whether it can
     * @param samples windows to take, at most as many as the text has
     * @param context tokens of one window
     */
    public record CalibrationSource(@Nullable String text, int samples, int context) {}
}
