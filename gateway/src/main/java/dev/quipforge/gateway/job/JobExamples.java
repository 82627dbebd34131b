package dev.quipforge.gateway.job;

/** Examples for the API's description. */
final class JobExamples {

    static final String SUBMISSION = """
            {
              "name": "demo at 2 bits",
              "model": {"directory": "/srv/models/demo"},
              "recipe": {
                "method": "qtip", "code": "3inst", "bits": 2, "seed": 0,
                "calibration": {"text": "/srv/texts/calibration.txt", "samples": 256, "context": 512}
              },
              "evaluation": {"text": "/srv/texts/heldout.txt", "window": 512}
            }
            """;

    static final String PROBLEM = """
            {
              "type": "urn:quipforge:problem:invalid-request",
              "title": "Invalid request",
              "status": 400,
              "detail": "recipe.bits: 7 (expected: 2, 3 or 4)",
              "instance": "/api/v1/jobs",
              "field": "recipe.bits",
              "errors": [{
                "field": "recipe.bits", "value": 7, "expected": "2, 3 or 4",
                "message": "recipe.bits: 7 (expected: 2, 3 or 4)"
              }]
            }
            """;

    private JobExamples() {}
}
