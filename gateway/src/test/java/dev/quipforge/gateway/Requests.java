package dev.quipforge.gateway;

import dev.quipforge.gateway.request.JobRequest;

/** Checked job requests. */
public final class Requests {

    private static final JobRequest.Calibration CALIBRATION =
            new JobRequest.Calibration("/srv/models/calibration.txt", 100, 512);

    /** A job with an evaluation. */
    public static final JobRequest FULL = new JobRequest(
            "demo",
            new JobRequest.Model("/srv/models/demo"),
            new JobRequest.Recipe("qtip", "3inst", 2, "seam", "ldlq", "hadamard", 0, 7, CALIBRATION),
            new JobRequest.Evaluation("/srv/models/heldout.txt", 512));

    /** The same without. */
    public static final JobRequest UNMEASURED = new JobRequest("demo", FULL.model(), FULL.recipe(), null);

    private Requests() {}
}
