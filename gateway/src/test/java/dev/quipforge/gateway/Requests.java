package dev.quipforge.gateway;

import dev.quipforge.contracts.TuningRecipe;
import dev.quipforge.gateway.request.JobRequest;
import java.util.Map;

/** Checked job requests. */
public final class Requests {

    private static final JobRequest.Calibration CALIBRATION =
            new JobRequest.Calibration("text", "/srv/models/calibration.txt", 100, 512);

    /** A job with an evaluation. */
    public static final JobRequest FULL = new JobRequest(
            "demo",
            new JobRequest.Model("/srv/models/demo"),
            new JobRequest.Recipe("qtip", "3inst", 2, "seam", "ldlq", "hadamard", 0, 7, null, CALIBRATION, null),
            new JobRequest.Evaluation("/srv/models/heldout.txt", 512));

    /** The same without. */
    public static final JobRequest UNMEASURED = new JobRequest("demo", FULL.model(), FULL.recipe(), null);

    /** The first with its blocks tuned. */
    public static final JobRequest TUNED = tuned("blocks");

    /** The same, and the whole model after them. */
    public static final JobRequest TUNED_END_TO_END = tuned("blocks+end-to-end");

    private Requests() {}

    /** The first, calibrated on what the model writes itself, by that seed. */
    public static JobRequest selfGenerated(long seed) {
        JobRequest.Calibration calibration = new JobRequest.Calibration("self-generated", null, 100, 512);
        return new JobRequest(
                "demo",
                FULL.model(),
                new JobRequest.Recipe("qtip", "3inst", 2, "seam", "ldlq", "hadamard", 0, seed, null, calibration, null),
                FULL.evaluation());
    }

    /** The first without an evaluation, with groups that have another code and bits. */
    public static JobRequest overridden(Map<String, JobRequest.CodeChoice> overrides) {
        return new JobRequest(
                "demo",
                FULL.model(),
                new JobRequest.Recipe(
                        "qtip", "3inst", 2, "seam", "ldlq", "hadamard", 0, 7, null, CALIBRATION, overrides),
                null);
    }

    private static JobRequest tuned(String mode) {
        return tuned(new TuningRecipe(mode, "standard", null, null, null, null));
    }

    /** The first, tuned. */
    public static JobRequest tuned(TuningRecipe tuning) {
        return tuned(FULL, tuning);
    }

    /** A request, tuned. */
    public static JobRequest tuned(JobRequest request, TuningRecipe tuning) {
        JobRequest.Calibration calibration = request.recipe().calibration();
        return new JobRequest(
                "demo",
                request.model(),
                new JobRequest.Recipe("qtip", "3inst", 2, "seam", "ldlq", "hadamard", 0, 7, tuning, calibration, null),
                request.evaluation());
    }
}
