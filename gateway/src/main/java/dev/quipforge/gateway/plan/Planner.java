package dev.quipforge.gateway.plan;

import dev.quipforge.contracts.ImportModel;
import dev.quipforge.contracts.TaskResult;
import dev.quipforge.contracts.TaskResult.ModelImported;
import dev.quipforge.gateway.cleanup.Intermediate;
import dev.quipforge.gateway.request.JobRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Says what a job consists of, from what was asked for and what is finished: a pure function. */
public final class Planner {

    /** Key of the first task, of which all others follow. */
    public static final String IMPORT = "import";

    private Planner() {}

    /**
     * All tasks of the job that are known, in order: the import alone, and after it everything.
     *
     * @param finished results by task key
     */
    public static List<PlannedTask> plan(JobRequest request, Map<String, TaskResult> finished) {
        List<PlannedTask> tasks = new ArrayList<>();
        tasks.add(importModel(request));
        if (finished.get(IMPORT) instanceof ModelImported imported) {
            tasks.addAll(new ImportedPlan(request, imported).tasks());
        }
        return tasks;
    }

    /** The unfinished tasks whose every requirement is finished. */
    public static List<PlannedTask> next(JobRequest request, Map<String, TaskResult> finished) {
        return plan(request, finished).stream()
                .filter(task -> !finished.containsKey(task.key()) && task.isReady(finished))
                .toList();
    }

    /** The artifacts of the job that do not stay for good, unlike models, texts and checkpoints. */
    public static List<Intermediate> intermediates(JobRequest request, ModelImported imported) {
        return new ArtifactNames(request, imported, Shard.SIZE).intermediates();
    }

    private static PlannedTask importModel(JobRequest request) {
        JobRequest.Calibration calibration = request.recipe().calibration();
        JobRequest.Evaluation evaluation = request.evaluation();
        Map<String, JobRequest.CodeChoice> overrides = request.recipe().overrides();
        ImportModel command = new ImportModel(
                request.model().directory(),
                new ImportModel.CalibrationSource(calibration.text(), calibration.samples(), calibration.context()),
                evaluation == null ? null : evaluation.text(),
                overrides == null ? null : List.copyOf(overrides.keySet()));
        TaskOutline outline = new TaskOutline(IMPORT, Stage.INTAKE, "ImportModel", "import the model", 1);
        return new PlannedTask(outline, List.of(), _ -> command);
    }
}
