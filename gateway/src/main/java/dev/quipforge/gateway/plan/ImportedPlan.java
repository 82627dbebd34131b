package dev.quipforge.gateway.plan;

import dev.quipforge.contracts.AssembleModel;
import dev.quipforge.contracts.CalibrateShard;
import dev.quipforge.contracts.CaptureActivations;
import dev.quipforge.contracts.EvaluateModel;
import dev.quipforge.contracts.PublishModel;
import dev.quipforge.contracts.QuantizationRecipe;
import dev.quipforge.contracts.ReduceHessians;
import dev.quipforge.contracts.TaskResult.LinearGroup;
import dev.quipforge.contracts.TaskResult.ModelImported;
import dev.quipforge.contracts.TuningRecipe;
import dev.quipforge.gateway.request.JobRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The tasks that follow once the model is known. */
final class ImportedPlan {

    /** Work of reducing all Hessians in units of calibrating one sample, times the number of samples. */
    private static final double REDUCE_WEIGHT = 0.05;

    private static final String ASSEMBLE = "assemble";
    private static final String EVALUATE = "evaluate";

    private final JobRequest request;
    private final ModelImported imported;
    private final ArtifactNames names;
    private final QuantizationRecipe recipe;

    ImportedPlan(JobRequest request, ModelImported imported) {
        this.request = request;
        this.imported = imported;
        this.names = new ArtifactNames(request, imported, Shard.SIZE);
        this.recipe = Recipes.of(request.recipe());
    }

    List<PlannedTask> tasks() {
        if (imported.linearGroups().isEmpty()) {
            throw new IllegalStateException("blocks of the imported model: none (expected: at least one)");
        }
        List<PlannedTask> tasks = new ArrayList<>();
        if (request.isSelfGenerated()) {
            tasks.addAll(GenerationPlan.tasks(imported, names, recipe.seed()));
        }
        List<Shard> shards = Shard.of(imported.samples());
        List<PlannedTask> calibrated = shards.stream().map(this::calibrate).toList();
        tasks.addAll(calibrated);
        List<String> shardKeys = keys(calibrated);
        blocks().forEach((block, groups) -> tasks.add(reduce(block, groups, shardKeys)));
        TuningRecipe tuning = request.recipe().tuning();
        if (tuning != null) {
            shards.forEach(shard -> tasks.add(captured(shard)));
        }
        QuantizationPlan quantization = new QuantizationPlan(imported, names, blocks(), recipe, tuning);
        if (tuning != null && request.isTunedEndToEnd()) {
            quantization.addEndToEnd(tuning);
        }
        tasks.addAll(quantization.tasks());
        tasks.add(assemble(quantization));
        if (request.evaluation() != null) {
            tasks.add(evaluate(request.evaluation()));
        }
        tasks.add(publish());
        return tasks;
    }

    private PlannedTask calibrate(Shard shard) {
        TaskOutline outline = new TaskOutline(
                "shard/" + shard.range(),
                Stage.CALIBRATE,
                "CalibrateShard",
                "calibrate samples %d to %d".formatted(shard.first(), shard.last() - 1),
                shard.samples());
        CalibrateShard command = new CalibrateShard(
                imported.model(), names.tokens(), shard.first(), shard.last(), names.shard(shard), names.calibration());
        return new PlannedTask(outline, afterWindows(), _ -> command);
    }

    /** Key of the task that stores the hidden states of a shard. */
    static String capture(Shard shard) {
        return "activations/" + shard.range();
    }

    private PlannedTask captured(Shard shard) {
        TaskOutline outline = new TaskOutline(
                capture(shard),
                Stage.CALIBRATE,
                "CaptureActivations",
                "store the hidden states of samples %d to %d".formatted(shard.first(), shard.last() - 1),
                shard.samples());
        CaptureActivations command = new CaptureActivations(
                imported.model(), names.tokens(), shard.first(), shard.last(), names.activations());
        return new PlannedTask(outline, afterWindows(), _ -> command);
    }

    /** What must be done before the windows can be run. */
    private List<String> afterWindows() {
        return List.of(request.isSelfGenerated() ? GenerationPlan.JOIN : Planner.IMPORT);
    }

    private Map<Integer, List<LinearGroup>> blocks() {
        return imported.linearGroups().stream()
                .collect(Collectors.groupingBy(LinearGroup::block, TreeMap::new, Collectors.toList()));
    }

    private PlannedTask reduce(int block, List<LinearGroup> groups, List<String> shardKeys) {
        TaskOutline outline = new TaskOutline(
                "reduce/" + block,
                Stage.CALIBRATE,
                "ReduceHessians",
                "reduce the Hessians of block " + block,
                REDUCE_WEIGHT * imported.samples() / blocks().size());
        List<String> shardPrefixes =
                Shard.of(imported.samples()).stream().map(names::shard).toList();
        List<String> inputs = groups.stream().map(LinearGroup::input).toList();
        ReduceHessians command = new ReduceHessians(block, inputs, shardPrefixes, names.calibration());
        return new PlannedTask(outline, shardKeys, _ -> command);
    }

    private PlannedTask assemble(QuantizationPlan quantization) {
        TaskOutline outline = new TaskOutline(ASSEMBLE, Stage.ASSEMBLE, "AssembleModel", "assemble the model", 1);
        AssembleModel command = new AssembleModel(
                imported.model(), null, quantization.overlays(), recipe, names.checkpoint(), quantization.files());
        return new PlannedTask(outline, keys(quantization.tasks()), _ -> command);
    }

    private PlannedTask evaluate(JobRequest.Evaluation evaluation) {
        String text = imported.evaluationText();
        if (text == null) {
            throw new IllegalStateException(
                    "evaluationText of the imported model: missing (expected: the key of " + evaluation.text() + ")");
        }
        TaskOutline outline = new TaskOutline(EVALUATE, Stage.EVALUATE, "EvaluateModel", "evaluate both models", 1);
        EvaluateModel command =
                new EvaluateModel(imported.model(), names.checkpoint(), text, evaluation.window(), names.evaluation());
        return new PlannedTask(outline, List.of(ASSEMBLE), _ -> command);
    }

    private PlannedTask publish() {
        TaskOutline outline = new TaskOutline("publish", Stage.PUBLISH, "PublishModel", "publish the model", 1);
        return new PlannedTask(
                outline,
                List.of(request.evaluation() == null ? ASSEMBLE : EVALUATE),
                finished -> new PublishModel(
                        names.checkpoint(),
                        imported.name(),
                        recipe,
                        request.recipe().tuning(),
                        new Outcome(finished.values()).figures()));
    }

    private static List<String> keys(List<PlannedTask> tasks) {
        return tasks.stream().map(PlannedTask::key).toList();
    }
}
