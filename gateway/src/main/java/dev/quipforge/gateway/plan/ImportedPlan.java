package dev.quipforge.gateway.plan;

import dev.quipforge.contracts.AssembleModel;
import dev.quipforge.contracts.CalibrateShard;
import dev.quipforge.contracts.EvaluateModel;
import dev.quipforge.contracts.PublishModel;
import dev.quipforge.contracts.QuantizationRecipe;
import dev.quipforge.contracts.QuantizeGroup;
import dev.quipforge.contracts.ReduceHessians;
import dev.quipforge.contracts.TaskResult.LinearGroup;
import dev.quipforge.contracts.TaskResult.ModelImported;
import dev.quipforge.gateway.request.JobRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The tasks that follow once the model is known. */
final class ImportedPlan {

    /** Samples of one calibration shard. Sums are added in shard order, so this decides the last bits of a Hessian: as in a local run. */
    static final int SHARD = 64;

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
        this.names = new ArtifactNames(request, imported, SHARD);
        JobRequest.Recipe asked = request.recipe();
        this.recipe = new QuantizationRecipe(
                asked.method(),
                asked.code(),
                asked.bits(),
                asked.tailBiting(),
                asked.rounding(),
                asked.transform(),
                asked.passes(),
                asked.seed());
    }

    List<PlannedTask> tasks() {
        List<PlannedTask> tasks =
                new ArrayList<>(shards().stream().map(this::calibrate).toList());
        List<String> shardKeys = keys(tasks);
        blocks().forEach((block, groups) -> tasks.add(reduce(block, groups, shardKeys)));
        List<PlannedTask> groups = imported.groups().stream().map(this::group).toList();
        tasks.addAll(groups);
        tasks.add(assemble(keys(groups)));
        if (request.evaluation() != null) {
            tasks.add(evaluate(request.evaluation()));
        }
        tasks.add(publish());
        return tasks;
    }

    /** Samples {@code first} to {@code last - 1} of the calibration text. */
    private record Shard(int first, int last) {}

    private List<Shard> shards() {
        return IntStream.iterate(0, first -> first < imported.samples(), first -> first + SHARD)
                .mapToObj(first -> new Shard(first, Math.min(first + SHARD, imported.samples())))
                .toList();
    }

    private PlannedTask calibrate(Shard shard) {
        int first = shard.first();
        int last = shard.last();
        TaskOutline outline = new TaskOutline(
                "shard/%d-%d".formatted(first, last),
                Stage.CALIBRATE,
                "CalibrateShard",
                "calibrate samples %d to %d".formatted(first, last - 1),
                last - first);
        CalibrateShard command =
                new CalibrateShard(imported.model(), imported.tokens(), first, last, names.shard(first, last));
        return new PlannedTask(outline, List.of(Planner.IMPORT), _ -> command);
    }

    private Map<Integer, List<LinearGroup>> blocks() {
        return imported.groups().stream()
                .collect(Collectors.groupingBy(LinearGroup::block, TreeMap::new, Collectors.toList()));
    }

    private PlannedTask reduce(int block, List<LinearGroup> groups, List<String> shardKeys) {
        TaskOutline outline = new TaskOutline(
                "reduce/" + block,
                Stage.CALIBRATE,
                "ReduceHessians",
                "reduce the Hessians of block " + block,
                REDUCE_WEIGHT * imported.samples() / blocks().size());
        List<String> shardPrefixes = shards().stream()
                .map(shard -> names.shard(shard.first(), shard.last()))
                .toList();
        List<String> inputs = groups.stream().map(LinearGroup::input).toList();
        ReduceHessians command = new ReduceHessians(block, inputs, shardPrefixes, names.calibration());
        return new PlannedTask(outline, shardKeys, _ -> command);
    }

    private PlannedTask group(LinearGroup group) {
        TaskOutline outline = new TaskOutline(
                "group/%d/%s".formatted(group.block(), group.input()),
                Stage.QUANTIZE,
                "QuantizeGroup",
                "quantize block %d %s".formatted(group.block(), group.input()),
                group.weights());
        QuantizeGroup command = new QuantizeGroup(
                imported.model(),
                group.block(),
                group.input(),
                names.hessian(group.block(), group.input()),
                recipe,
                names.group(group.block(), group.input()));
        return new PlannedTask(outline, List.of("reduce/" + group.block()), _ -> command);
    }

    private PlannedTask assemble(List<String> groupKeys) {
        TaskOutline outline = new TaskOutline(ASSEMBLE, Stage.ASSEMBLE, "AssembleModel", "assemble the model", 1);
        List<String> groups = imported.groups().stream()
                .map(group -> names.group(group.block(), group.input()))
                .toList();
        AssembleModel command = new AssembleModel(imported.model(), groups, recipe, names.checkpoint());
        return new PlannedTask(outline, groupKeys, _ -> command);
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
                        names.checkpoint(), imported.name(), recipe, new Outcome(finished.values()).figures()));
    }

    private static List<String> keys(List<PlannedTask> tasks) {
        return tasks.stream().map(PlannedTask::key).toList();
    }
}
