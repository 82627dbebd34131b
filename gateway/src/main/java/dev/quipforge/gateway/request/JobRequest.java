package dev.quipforge.gateway.request;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.quipforge.contracts.CalibrationCatalogue;
import dev.quipforge.contracts.TuningCatalogue;
import dev.quipforge.contracts.TuningRecipe;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A job as it will run: checked, every default filled in. Its JSON has the shape of {@link JobSubmission}.
 *
 * @param name name for people
 * @param model what to quantize
 * @param recipe how
 * @param evaluation what to measure on; null for no measurement
 */
public record JobRequest(
        String name, Model model, Recipe recipe, @Nullable Evaluation evaluation) {

    /** Whether the whole model is tuned after its blocks. */
    @JsonIgnore
    public boolean isTunedEndToEnd() {
        TuningRecipe tuning = recipe.tuning();
        return tuning != null && tuning.mode().equals(TuningCatalogue.BLOCKS_AND_END_TO_END);
    }

    /** Whether the original writes the calibration windows itself. */
    @JsonIgnore
    public boolean isSelfGenerated() {
        return CalibrationCatalogue.SELF_GENERATED.equals(recipe.calibration().source());
    }

    /**
     * The original model.
     *
     * @param directory absolute path of a Hugging Face directory that the workers may read
     */
    public record Model(String directory) {}

    /**
     * How the linears are quantized.
     *
     * @param method a method of the catalogue, such as {@code qtip}
     * @param code code of the method, such as {@code 3inst}
     * @param bits bits per weight that the code has
     * @param tailBiting {@code seam} or {@code exact}; for trellis codes
     * @param rounding {@code ldlq}, or another of QuIP's
     * @param transform {@code hadamard} or {@code kronecker}
     * @param passes passes of coordinate descent after LDLQ
     * @param seed decides all that is drawn
     * @param tuning how what was lost is learned back; null for not at all
     * @param calibration what the Hessians are made of
     * @param overrides code and bits of groups that have others, by path or glob; null for none
     */
    public record Recipe(
            String method,
            String code,
            int bits,
            String tailBiting,
            String rounding,
            String transform,
            int passes,
            long seed,
            @Nullable TuningRecipe tuning,
            Calibration calibration,
            @Nullable Map<String, CodeChoice> overrides) {

        public Recipe {
            overrides = overrides == null ? null : Collections.unmodifiableSortedMap(new TreeMap<>(overrides));
        }
    }

    /**
     * What some groups have instead.
     *
     * @param code a code of any method
     * @param bits bits per weight that the code has
     */
    public record CodeChoice(String code, int bits) {}

    /**
     * Where the calibration windows come from, and how many they are.
     *
     * @param source {@code text} or {@code self-generated}; null, which becomes {@code text}, only where it is read from before
     *     there was a choice
     * @param text absolute path of a UTF-8 text; null when the model writes the windows itself
     * @param samples windows to take, at most as many as the text has, or to write
     * @param context tokens of one window
     */
    public record Calibration(
            @Nullable String source, @Nullable String text, int samples, int context) {

        public Calibration {
            source = source == null ? CalibrationCatalogue.TEXT : source;
        }
    }

    /**
     * The text that both models are measured on.
     *
     * @param text absolute path of a UTF-8 text
     * @param window tokens of one window
     */
    public record Evaluation(String text, int window) {}
}
