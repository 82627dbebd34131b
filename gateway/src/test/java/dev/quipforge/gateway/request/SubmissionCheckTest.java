package dev.quipforge.gateway.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SubmissionCheckTest {

    private final SubmissionCheck check = new SubmissionCheck(List.of(Path.of("/srv/models"), Path.of("/data")));

    @Test
    void whatIsNotSaidIsTheDefault() {
        JobRequest request = check.check(submission(null, "/srv/models/demo", 3));

        assertThat(request)
                .isEqualTo(new JobRequest(
                        "demo",
                        new JobRequest.Model("/srv/models/demo"),
                        new JobRequest.Recipe(
                                "qtip", "3inst", 3, "seam", 0, new JobRequest.Calibration("/data/c.txt", 256, 512)),
                        null));
    }

    @Test
    void everyWrongFieldIsNamed() {
        JobSubmission wrong = new JobSubmission(
                " ",
                new JobSubmission.Model("/etc"),
                new JobSubmission.Recipe(
                        "gptq", "e8p", 7, "none", 0L, new JobSubmission.Calibration("/data/c.txt", 0, 1)),
                new JobSubmission.Evaluation("relative.txt", 1));

        assertThatExceptionOfType(InvalidRequestException.class)
                .isThrownBy(() -> check.check(wrong))
                .satisfies(exception -> assertThat(exception.errors())
                        .extracting(FieldError::message)
                        .containsExactly(
                                "model.directory: /etc (expected: an absolute path inside /srv/models or /data)",
                                "recipe.method: gptq (expected: one of [qtip])",
                                "recipe.code: e8p (expected: one of [3inst])",
                                "recipe.bits: 7 (expected: 2, 3 or 4)",
                                "recipe.tailBiting: none (expected: one of [exact, seam])",
                                "recipe.calibration.samples: 0 (expected: 1 to 65536)",
                                "recipe.calibration.context: 1 (expected: 2 to 131072)",
                                "evaluation.text: relative.txt "
                                        + "(expected: an absolute path inside /srv/models or /data)",
                                "evaluation.window: 1 (expected: 2 to 131072)",
                                "name:   (expected: 1 to 100 characters, not all blank)"));
    }

    @Test
    void everyMissingFieldIsNamed() {
        assertThatExceptionOfType(InvalidRequestException.class)
                .isThrownBy(() -> check.check(new JobSubmission("x", null, null, null)))
                .withMessage("model: missing (expected: an object with a directory); "
                        + "recipe: missing (expected: an object with bits and calibration)");
    }

    @Test
    void noPathLeadsOutOfTheRoots() {
        for (String path : List.of("/srv/models/../../etc", "/srv/modelsX", "models/demo", "/srv/models\0", "")) {
            assertThatExceptionOfType(InvalidRequestException.class)
                    .as(path)
                    .isThrownBy(() -> check.check(submission("x", path, 2)))
                    .satisfies(exception -> assertThat(exception.errors())
                            .extracting(FieldError::field)
                            .containsExactly("model.directory"));
        }
    }

    @Test
    void aPathIsKeptInItsShortestForm() {
        assertThat(check.check(submission("x", "/data/a/../b/", 2)).model().directory())
                .isEqualTo("/data/b");
    }

    @Test
    void withoutRootsNothingMayBeRead() {
        assertThatExceptionOfType(InvalidRequestException.class)
                .isThrownBy(() -> new SubmissionCheck(List.of()).check(submission("x", "/data/b", 2)))
                .withMessageContaining("quipforge.allowed-roots, which is empty");
    }

    private static JobSubmission submission(@Nullable String name, String directory, int bits) {
        JobSubmission.Calibration calibration = new JobSubmission.Calibration("/data/c.txt", null, null);
        return new JobSubmission(
                name,
                new JobSubmission.Model(directory),
                new JobSubmission.Recipe(null, null, bits, null, null, calibration),
                null);
    }
}
