package dev.quipforge.gateway.plan;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** The stages of a job, in order. A block's groups are quantized as soon as its Hessians are there. */
public enum Stage {
    /** The model and the texts are checked, hashed and stored. */
    INTAKE(2),
    /** The model runs on the calibration text; the Hessians are summed. */
    CALIBRATE(20),
    /** The linears are encoded. */
    QUANTIZE(62),
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

    /** How much of a typical job this is, in percent; only progress and its estimates depend on it. */
    public double share() {
        return share;
    }

    /** The name in the API, such as {@code quantize}. */
    @JsonValue
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
