package dev.quipforge.gateway.request;

import dev.quipforge.contracts.CalibrationCatalogue;
import dev.quipforge.contracts.Choice;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks submissions and completes them with the defaults. */
public final class SubmissionCheck {

    private static final List<String> SOURCES =
            CalibrationCatalogue.standard().sources().stream().map(Choice::name).toList();
    private static final int MOST_SAMPLES = 65_536;
    private static final int LONGEST_WINDOW = 131_072;
    private static final int LONGEST_NAME = 100;

    private final AllowedRoots roots;

    SubmissionCheck(List<Path> allowedRoots) {
        this.roots = new AllowedRoots(allowedRoots);
    }

    /**
     * The job that was asked for.
     *
     * @throws InvalidRequestException naming every field that is wrong
     */
    public JobRequest check(JobSubmission submission) {
        Findings findings = new Findings();
        JobRequest.Model model = model(submission.model(), findings);
        JobRequest.Recipe recipe = recipe(submission.recipe(), findings);
        JobRequest.Evaluation evaluation = evaluation(submission.evaluation(), findings);
        String name = name(submission.name(), model, findings);
        findings.throwIfAny();
        return new JobRequest(name, model, recipe, evaluation);
    }

    private String name(@Nullable String name, JobRequest.Model model, Findings findings) {
        if (name == null) {
            Path last = Path.of(model.directory()).getFileName();
            return last == null ? "model" : last.toString();
        }
        findings.demand(
                !name.isBlank() && name.length() <= LONGEST_NAME,
                "name",
                name,
                "1 to %d characters, not all blank".formatted(LONGEST_NAME));
        return name.strip();
    }

    private JobRequest.Model model(JobSubmission.@Nullable Model model, Findings findings) {
        if (model == null) {
            findings.missing("model", "an object with a directory");
            return new JobRequest.Model("");
        }
        return new JobRequest.Model(path("model.directory", model.directory(), findings));
    }

    private JobRequest.Recipe recipe(JobSubmission.@Nullable Recipe recipe, Findings findings) {
        if (recipe == null) {
            findings.missing("recipe", "an object with bits and calibration");
            return RecipeCheck.nothing();
        }
        return RecipeCheck.check(recipe, calibration(recipe.calibration(), findings), findings);
    }

    private JobRequest.Calibration calibration(JobSubmission.@Nullable Calibration calibration, Findings findings) {
        if (calibration == null) {
            findings.missing("recipe.calibration", "an object with a text, or with source self-generated");
            return new JobRequest.Calibration(null, null, 0, 0);
        }
        String source = findings.oneOf("recipe.calibration.source", calibration.source(), SOURCES);
        String text = null;
        if (source.equals(CalibrationCatalogue.SELF_GENERATED)) {
            findings.demand(
                    calibration.text() == null,
                    "recipe.calibration.text",
                    calibration.text(),
                    "nothing with source self-generated");
        } else {
            text = path("recipe.calibration.text", calibration.text(), findings);
        }
        int samples = findings.between("recipe.calibration.samples", calibration.samples(), 256, 1, MOST_SAMPLES);
        int context = findings.between("recipe.calibration.context", calibration.context(), 512, 2, LONGEST_WINDOW);
        return new JobRequest.Calibration(source, text, samples, context);
    }

    private JobRequest.@Nullable Evaluation evaluation(
            JobSubmission.@Nullable Evaluation evaluation, Findings findings) {
        if (evaluation == null) {
            return null;
        }
        String text = path("evaluation.text", evaluation.text(), findings);
        int window = findings.between("evaluation.window", evaluation.window(), 512, 2, LONGEST_WINDOW);
        return new JobRequest.Evaluation(text, window);
    }

    private String path(String field, @Nullable String path, Findings findings) {
        String inside = path == null ? null : roots.inside(path);
        findings.demand(inside != null, field, path, roots.expectation());
        return inside == null ? "" : inside;
    }
}
