package dev.quipforge.gateway.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.quipforge.contracts.TuningRecipe;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SubmissionCheckTest {

    private static final JobSubmission.Schedule NOTHING =
            new JobSubmission.Schedule(null, null, null, null, null, null, null);

    private final SubmissionCheck check = new SubmissionCheck(List.of(Path.of("/srv/models"), Path.of("/data")));

    @Test
    void whatIsNotSaidIsTheDefault() {
        JobRequest request = check.check(submission(null, "/srv/models/demo", 3));

        assertThat(request)
                .isEqualTo(new JobRequest(
                        "demo",
                        new JobRequest.Model("/srv/models/demo"),
                        new JobRequest.Recipe(
                                "qtip",
                                "3inst",
                                3,
                                "seam",
                                "ldlq",
                                "hadamard",
                                0,
                                0,
                                null,
                                new JobRequest.Calibration("text", "/data/c.txt", 256, 512),
                                null),
                        null));
    }

    @Test
    void everyMethodHasDefaultsOfItsOwn() {
        JobRequest.Recipe sharp =
                check.check(recipe("quip-sharp", null, 2, null, null)).recipe();
        assertThat(sharp.code()).isEqualTo("e8p");
        assertThat(sharp.passes()).isEqualTo(10);
        JobRequest.Recipe grid =
                check.check(recipe("quip", "lloyd-max", 4, "greedy", null)).recipe();
        assertThat(grid.rounding()).isEqualTo("greedy");
        assertThat(grid.passes()).isZero();
    }

    @Test
    void whatAMethodDoesNotHaveIsNamed() {
        assertRefused(
                recipe("quip", "3inst", 2, null, null), "recipe.code: 3inst (expected: one of [uniform, lloyd-max])");
        assertRefused(recipe("qtip", "pair", 3, null, null), "recipe.bits: 3 (expected: 2)");
        assertRefused(recipe("qtip", "3inst", 2, "greedy", null), "recipe.rounding: greedy (expected: one of [ldlq])");
        assertRefused(recipe("quip", "uniform", 2, "nearest", 5), "recipe.passes: 5 (expected: 0 to 0)");
        assertRefused(recipe("quip", "uniform", 2, null, 101), "recipe.passes: 101 (expected: 0 to 100)");
    }

    @Test
    void someGroupsCanHaveOtherBitsOrAnotherCode() {
        JobRequest.Recipe recipe = check.check(overridden(Map.of(
                        "*/mlp-down", new JobSubmission.CodeChoice(null, 4),
                        "0/attention-in", new JobSubmission.CodeChoice("e8p", 3))))
                .recipe();
        assertThat(recipe.overrides())
                .isEqualTo(Map.of(
                        "*/mlp-down", new JobRequest.CodeChoice("3inst", 4),
                        "0/attention-in", new JobRequest.CodeChoice("e8p", 3)));
        assertThat(check.check(overridden(Map.of())).recipe().overrides()).isNull();
        assertRefused(
                overridden(Map.of("*/mlp-down", new JobSubmission.CodeChoice("pair", 4))),
                "recipe.overrides.*/mlp-down.bits: 4 (expected: 2)");
        assertRefused(
                overridden(Map.of("0/*", new JobSubmission.CodeChoice("morse", 2))),
                "recipe.overrides.0/*.code: morse (expected: one of [3inst, 1mad, hyb, lut, mcg, mul1, pair, e8p, uniform,"
                        + " lloyd-max])");
        assertRefused(
                overridden(Map.of("0/*", new JobSubmission.CodeChoice(null, null))),
                "recipe.overrides.0/*.bits: missing (expected: 2, 3 or 4)");
        assertRefused(
                overridden(Map.of("{0,1/mlp-down", new JobSubmission.CodeChoice(null, 4))),
                "recipe.overrides: {0,1/mlp-down (expected: paths or globs of groups, such as */mlp-down)");
    }

    private static JobSubmission overridden(Map<String, JobSubmission.@Nullable CodeChoice> overrides) {
        JobSubmission.Calibration calibration = new JobSubmission.Calibration(null, "/data/c.txt", null, null);
        return new JobSubmission(
                "x",
                new JobSubmission.Model("/data/b"),
                new JobSubmission.Recipe(null, null, 2, null, null, null, null, null, null, calibration, overrides),
                null);
    }

    private void assertRefused(JobSubmission submission, String message) {
        assertThatExceptionOfType(InvalidRequestException.class)
                .isThrownBy(() -> check.check(submission))
                .withMessage(message);
    }

    private static JobSubmission recipe(
            String method, @Nullable String code, int bits, @Nullable String rounding, @Nullable Integer passes) {
        return new JobSubmission(
                "x",
                new JobSubmission.Model("/data/b"),
                new JobSubmission.Recipe(
                        method,
                        code,
                        bits,
                        null,
                        rounding,
                        null,
                        passes,
                        null,
                        null,
                        new JobSubmission.Calibration(null, "/data/c.txt", null, null),
                        null),
                null);
    }

    @Test
    void everyWrongFieldIsNamed() {
        JobSubmission wrong = new JobSubmission(
                " ",
                new JobSubmission.Model("/etc"),
                new JobSubmission.Recipe(
                        "gptq",
                        "e8p",
                        7,
                        "none",
                        "up",
                        "fourier",
                        -1,
                        0L,
                        new JobSubmission.Tuning("all", "slow", null, null, 1.0, 0),
                        new JobSubmission.Calibration(null, "/data/c.txt", 0, 1),
                        null),
                new JobSubmission.Evaluation("relative.txt", 1));

        assertThatExceptionOfType(InvalidRequestException.class)
                .isThrownBy(() -> check.check(wrong))
                .satisfies(exception -> assertThat(exception.errors())
                        .extracting(FieldError::message)
                        .containsExactly(
                                "model.directory: /etc (expected: an absolute path inside /srv/models or /data)",
                                "recipe.calibration.samples: 0 (expected: 1 to 65536)",
                                "recipe.calibration.context: 1 (expected: 2 to 131072)",
                                "recipe.method: gptq (expected: one of [qtip, quip-sharp, quip])",
                                "recipe.bits: 7 (expected: 2, 3 or 4)",
                                "recipe.tailBiting: none (expected: one of [seam, exact])",
                                "recipe.rounding: up (expected: one of [ldlq])",
                                "recipe.transform: fourier (expected: one of [hadamard, kronecker])",
                                "recipe.passes: -1 (expected: 0 to 0)",
                                "recipe.tuning.mode: all (expected: one of [none, blocks, blocks+end-to-end])",
                                "recipe.tuning.preset: slow (expected: one of [standard, fast])",
                                "recipe.tuning.validation: 1.0 (expected: above 0, below 1)",
                                "recipe.tuning.patience: 0 (expected: 1 to 1000)",
                                "evaluation.text: relative.txt "
                                        + "(expected: an absolute path inside /srv/models or /data)",
                                "evaluation.window: 1 (expected: 2 to 131072)",
                                "name:   (expected: 1 to 100 characters, not all blank)"));
    }

    @Test
    void tuningIsThePresetUnlessMoreIsSaid() {
        assertThat(tuning(new JobSubmission.Tuning("none", null, null, null, null, null)))
                .isNull();
        assertThat(tuning(new JobSubmission.Tuning(null, null, null, null, null, null)))
                .isNull();
        assertThat(tuning(new JobSubmission.Tuning("blocks", null, NOTHING, null, null, null)))
                .isEqualTo(new TuningRecipe("blocks", "standard", null, null, null, null));
        assertThat(tuning(new JobSubmission.Tuning(
                        "blocks+end-to-end",
                        "fast",
                        new JobSubmission.Schedule(3e-4, null, 2, null, null, null, null),
                        new JobSubmission.Schedule(null, 1e-5, null, 1, 8, 0.05, 0.1),
                        0.25,
                        5)))
                .isEqualTo(new TuningRecipe(
                        "blocks+end-to-end",
                        "fast",
                        new TuningRecipe.Schedule(3e-4, null, 2, null, null, null, null),
                        new TuningRecipe.Schedule(null, 1e-5, null, 1, 8, 0.05, 0.1),
                        0.25,
                        5));
    }

    @Test
    void whatWouldNotCountIsRefused() {
        assertRefused(
                tuned(new JobSubmission.Tuning(null, "fast", NOTHING, null, null, null), 256),
                "recipe.tuning.preset: fast (expected: nothing with mode none); "
                        + "recipe.tuning.blocks: given (expected: nothing with mode none)");
        assertRefused(
                tuned(new JobSubmission.Tuning("blocks", null, null, NOTHING, null, null), 256),
                "recipe.tuning.endToEnd: given (expected: nothing with mode blocks)");
        assertRefused(
                tuned(
                        new JobSubmission.Tuning(
                                "blocks",
                                null,
                                new JobSubmission.Schedule(-1e-9, 2.0, 0, 0, 5000, 1.0, 1.5),
                                null,
                                null,
                                null),
                        1),
                "recipe.tuning.blocks.vectorRate: -1.0E-9 (expected: 0 to 1); "
                        + "recipe.tuning.blocks.weightRate: 2.0 (expected: 0 to 1); "
                        + "recipe.tuning.blocks.epochs: 0 (expected: 1 to 1000); "
                        + "recipe.tuning.blocks.batch: 0 (expected: 1 to 4096); "
                        + "recipe.tuning.blocks.accumulation: 5000 (expected: 1 to 4096); "
                        + "recipe.tuning.blocks.warmUp: 1.0 (expected: at least 0, below 1); "
                        + "recipe.tuning.blocks.floor: 1.5 (expected: 0 to 1); "
                        + "recipe.calibration.samples: 1 "
                        + "(expected: at least 2 with tuning, which keeps some of them to decide)");
    }

    @Test
    void aModelThatWritesItsWindowsNeedsNoText() {
        assertThat(check.check(calibrated("self-generated", null, 1024))
                        .recipe()
                        .calibration())
                .isEqualTo(new JobRequest.Calibration("self-generated", null, 1024, 512));
        assertThat(check.check(calibrated("text", "/data/c.txt", null)).recipe().calibration())
                .isEqualTo(new JobRequest.Calibration("text", "/data/c.txt", 256, 512));
        assertRefused(
                calibrated("self-generated", "/data/c.txt", 65_537),
                "recipe.calibration.text: /data/c.txt (expected: nothing with source self-generated); "
                        + "recipe.calibration.samples: 65537 (expected: 1 to 65536)");
        assertRefused(
                calibrated(null, null, null),
                "recipe.calibration.text: missing (expected: an absolute path inside /srv/models or /data)");
        assertRefused(
                calibrated("web", "/data/c.txt", null),
                "recipe.calibration.source: web (expected: one of [text, self-generated])");
    }

    private static JobSubmission calibrated(@Nullable String source, @Nullable String text, @Nullable Integer samples) {
        JobSubmission.Calibration calibration = new JobSubmission.Calibration(source, text, samples, null);
        return new JobSubmission(
                "x",
                new JobSubmission.Model("/data/b"),
                new JobSubmission.Recipe(null, null, 2, null, null, null, null, null, null, calibration, null),
                null);
    }

    private @Nullable TuningRecipe tuning(JobSubmission.Tuning asked) {
        return check.check(tuned(asked, 256)).recipe().tuning();
    }

    private static JobSubmission tuned(JobSubmission.Tuning tuning, int samples) {
        JobSubmission.Calibration calibration = new JobSubmission.Calibration(null, "/data/c.txt", samples, null);
        return new JobSubmission(
                "x",
                new JobSubmission.Model("/data/b"),
                new JobSubmission.Recipe(null, null, 2, null, null, null, null, null, tuning, calibration, null),
                null);
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
        JobSubmission.Calibration calibration = new JobSubmission.Calibration(null, "/data/c.txt", null, null);
        return new JobSubmission(
                name,
                new JobSubmission.Model(directory),
                new JobSubmission.Recipe(null, null, bits, null, null, null, null, null, null, calibration, null),
                null);
    }
}
