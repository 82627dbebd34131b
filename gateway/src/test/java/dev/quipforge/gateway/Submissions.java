package dev.quipforge.gateway;

/** Bodies of job submissions. */
public final class Submissions {

    /** A job with an evaluation. */
    public static final String FULL = """
            {"name": "demo at 2 bits",
             "model": {"directory": "/srv/models/demo"},
             "recipe": {"method": "qtip", "code": "3inst", "bits": 2, "seed": 7,
                        "calibration": {"text": "/srv/models/calibration.txt", "samples": 100, "context": 512}},
             "evaluation": {"text": "/srv/models/heldout.txt", "window": 512}}
            """;

    /** The same with all tuning. */
    public static final String TUNED = FULL.replace(
            "\"seed\": 7,", "\"seed\": 7, \"tuning\": {\"mode\": \"blocks+end-to-end\", \"preset\": \"fast\"},");

    /** The first with a model that has experts. */
    public static final String MIXTURE = FULL.replace("/srv/models/demo", "/srv/models/mixture");

    /** The first with a model of a hundred blocks. */
    public static final String DEEP = FULL.replace("/srv/models/demo", "/srv/models/deep");

    /** The first, calibrated on what the model writes itself. */
    public static final String SELF_GENERATED =
            FULL.replace("\"text\": \"/srv/models/calibration.txt\"", "\"source\": \"self-generated\"");

    /** A job with nothing but what it must have. */
    public static final String SHORT = """
            {"model": {"directory": "/srv/models/demo"},
             "recipe": {"bits": 3, "calibration": {"text": "/srv/models/calibration.txt"}}}
            """;

    private Submissions() {}
}
