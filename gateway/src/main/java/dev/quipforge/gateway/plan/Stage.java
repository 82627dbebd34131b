package dev.quipforge.gateway.plan;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.quipforge.gateway.request.JobRequest;
import java.util.Locale;

/**
 * The stages of a job, in order. A block's groups are quantized as soon as its Hessians are there; with tuning its groups take
 * turns with its trainings, so that two stages run at the same time.
 */
public enum Stage {
    /** The model and the texts are checked, hashed and stored. */
    INTAKE(2),
    /** The model writes the calibration windows; only where no text is given. */
    GENERATE(40),
    /** The model runs on the calibration windows; the Hessians are summed. */
    CALIBRATE(20),
    /** The linears are encoded. */
    QUANTIZE(62),
    /** What is not rounded yet learns to make up for what is, block by block; only with tuning. */
    TUNE_BLOCKS(350),
    /** The whole model learns from the original's logits; only with end-to-end tuning. */
    TUNE_END_TO_END(250),
    /** A Hugging Face directory is made of the parts. */
    ASSEMBLE(3),
    /** Both models are measured; skipped without an evaluation text. */
    EVALUATE(12),
    /** Model card and checksums complete the checkpoint. */
    PUBLISH(1);

    private final double share;

    Stage(double share) {
        this.share = share;
    }

    /**
     * How much of a typical job this is, in parts of a job on a text and without tuning,
     * of which it has 100; only progress and its estimates depend on it.
     */
    public double share() {
        return share;
    }

    /** Whether a job has it. */
    public boolean isPartOf(JobRequest request) {
        return switch (this) {
            case INTAKE, CALIBRATE, QUANTIZE, ASSEMBLE, PUBLISH -> true;
            case GENERATE -> request.isSelfGenerated();
            case TUNE_BLOCKS -> request.recipe().tuning() != null;
            case TUNE_END_TO_END -> request.isTunedEndToEnd();
            case EVALUATE -> request.evaluation() != null;
        };
    }

    /** The name in the API, such as {@code tune-blocks}. */
    @JsonValue
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
