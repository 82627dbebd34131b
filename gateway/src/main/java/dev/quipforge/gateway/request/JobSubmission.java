package dev.quipforge.gateway.request;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A job as the client wrote it: any field may be missing. {@link SubmissionCheck} makes a {@link JobRequest} of it.
 *
 * @param name name for people; the last part of the model's directory when missing
 * @param model what to quantize
 * @param recipe how
 * @param evaluation what to measure on; no measurement when missing
 */
@Schema(name = "JobSubmission", description = "A model, a recipe, and a text to measure on.")
public record JobSubmission(
        @Schema(example = "demo at 2 bits", description = "Name for people. Default: last part of the directory.")
        @Nullable
        String name,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Nullable
        Model model,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Nullable
        Recipe recipe,

        @Schema(description = "Without it nothing is measured.") @Nullable
        Evaluation evaluation) {

    /** The original model, {@link JobRequest.Model} unchecked. */
    @Schema(name = "JobSubmissionModel")
    public record Model(
            @Schema(
                    requiredMode = Schema.RequiredMode.REQUIRED,
                    example = "/srv/models/demo",
                    description = "Absolute path of a Hugging Face directory inside the allowed roots.")
            @Nullable
            String directory) {}

    /** How the linears are quantized, {@link JobRequest.Recipe} unchecked. */
    @Schema(name = "JobSubmissionRecipe")
    public record Recipe(
            @Schema(
                    allowableValues = {"qtip", "quip-sharp", "quip"},
                    defaultValue = "qtip",
                    description = "GET /api/v1/methods lists them with their codes.")
            @Nullable
            String method,

            @Schema(example = "3inst", description = "A code of the method. Default: its first.") @Nullable
            String code,

            @Schema(
                    requiredMode = Schema.RequiredMode.REQUIRED,
                    allowableValues = {"2", "3", "4"},
                    example = "2")
            @Nullable
            Integer bits,

            @Schema(
                    allowableValues = {"seam", "exact"},
                    defaultValue = "seam")
            @Nullable
            String tailBiting,

            @Schema(
                    allowableValues = {"ldlq", "ldlq-rg", "greedy", "nearest", "stochastic"},
                    defaultValue = "ldlq",
                    description = "All but ldlq are for method quip.")
            @Nullable
            String rounding,

            @Schema(
                    allowableValues = {"hadamard", "kronecker"},
                    defaultValue = "hadamard")
            @Nullable
            String transform,

            @Schema(description = "Passes of coordinate descent after LDLQ. Default: 10 for quip-sharp, otherwise 0.")
            @Nullable
            Integer passes,

            @Schema(defaultValue = "0", description = "Decides all that is drawn; same seed, same bytes.") @Nullable
            Long seed,

            @Schema(description = "Without it nothing is tuned.") @Nullable
            Tuning tuning,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Nullable
            Calibration calibration,

            @Schema(
                    example = "{\"*/mlp-down\": {\"bits\": 4}}",
                    description =
                            "Other bits, or another code, for some groups of linears: by path, <block>/<group>, or by a"
                                    + " glob over paths.")
            @Nullable
            Map<String, @Nullable CodeChoice> overrides) {}

    /** What some groups have instead, {@link JobRequest.CodeChoice} unchecked. */
    @Schema(name = "JobSubmissionCodeChoice")
    public record CodeChoice(
            @Schema(example = "3inst", description = "A code of any method. Default: that of the recipe.") @Nullable
            String code,

            @Schema(
                    requiredMode = Schema.RequiredMode.REQUIRED,
                    allowableValues = {"2", "3", "4"},
                    example = "4")
            @Nullable
            Integer bits) {}

    /** How what was lost is learned back, {@link dev.quipforge.contracts.TuningRecipe} unchecked. */
    @Schema(name = "JobSubmissionTuning")
    public record Tuning(
            @Schema(
                    allowableValues = {"none", "blocks", "blocks+end-to-end"},
                    defaultValue = "none",
                    description = "GET /api/v1/methods says what each brings and costs.")
            @Nullable
            String mode,

            @Schema(
                    allowableValues = {"standard", "fast"},
                    defaultValue = "standard",
                    description = "The settings that are not given, by the size of the model.")
            @Nullable
            String preset,

            @Schema(description = "Of the tuning of each block.") @Nullable
            Schedule blocks,

            @Schema(description = "Of the tuning of the whole model.") @Nullable
            Schedule endToEnd,

            @Schema(example = "0.125", description = "Part of the windows that decide which state is kept.") @Nullable
            Double validation,

            @Schema(example = "3", description = "Epochs without a better state after which a training ends.") @Nullable
            Integer patience) {}

    /** How one training runs, {@link dev.quipforge.contracts.TuningRecipe.Schedule} unchecked. */
    @Schema(name = "JobSubmissionSchedule", description = "What is missing follows from preset and size of the model.")
    public record Schedule(
            @Schema(example = "0.0003", description = "Highest rate of norms and sign vectors.") @Nullable
            Double vectorRate,

            @Schema(example = "0.0003", description = "Highest rate of dense weights.") @Nullable
            Double weightRate,

            @Schema(example = "4", description = "Times that all training windows are seen.") @Nullable
            Integer epochs,

            @Schema(example = "8", description = "Windows that go through at once.") @Nullable
            Integer batch,

            @Schema(example = "1", description = "Batches of one step, whose gradients are added.") @Nullable
            Integer accumulation,

            @Schema(example = "0.05", description = "Part of all steps in which the rate rises.") @Nullable
            Double warmUp,

            @Schema(example = "0.1", description = "What the rate falls to, as a part of the highest.") @Nullable
            Double floor) {}

    /** What is calibrated on, {@link JobRequest.Calibration} unchecked. */
    @Schema(name = "JobSubmissionCalibration")
    public record Calibration(
            @Schema(
                    allowableValues = {"text", "self-generated"},
                    defaultValue = "text",
                    description = "GET /api/v1/methods says what each brings and costs.")
            @Nullable
            String source,

            @Schema(
                    example = "/srv/texts/calibration.txt",
                    description = "Required with source text, refused with self-generated.")
            @Nullable
            String text,

            @Schema(defaultValue = "256", description = "Windows of the text to take, or to write.") @Nullable
            Integer samples,

            @Schema(defaultValue = "512", description = "Tokens of one window.") @Nullable
            Integer context) {}

    /** The evaluation text, {@link JobRequest.Evaluation} unchecked. */
    @Schema(name = "JobSubmissionEvaluation")
    public record Evaluation(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED, example = "/srv/texts/heldout.txt") @Nullable
            String text,

            @Schema(defaultValue = "512", description = "Tokens of one window.") @Nullable
            Integer window) {}
}
