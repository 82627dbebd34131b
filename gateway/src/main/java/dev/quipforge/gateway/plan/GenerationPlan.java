package dev.quipforge.gateway.plan;

import dev.quipforge.contracts.GenerateWindows;
import dev.quipforge.contracts.JoinWindows;
import dev.quipforge.contracts.TaskResult.ModelImported;
import java.util.ArrayList;
import java.util.List;

/** The tasks in which the original writes its calibration windows: all ranges at once, then one file of them. */
final class GenerationPlan {

    /** Key of the task after which the windows are there. */
    static final String JOIN = "windows";

    private GenerationPlan() {}

    /**
     * The tasks, in order.
     *
     * @param seed decides every token
     */
    static List<PlannedTask> tasks(ModelImported imported, ArtifactNames names, long seed) {
        List<PlannedTask> tasks = new ArrayList<>();
        for (Shard shard : Shard.of(imported.samples())) {
            tasks.add(generate(shard, imported, names, seed));
        }
        tasks.add(join(imported, names, tasks));
        return tasks;
    }

    private static PlannedTask generate(Shard shard, ModelImported imported, ArtifactNames names, long seed) {
        TaskOutline outline = new TaskOutline(
                "windows/" + shard.range(),
                Stage.GENERATE,
                "GenerateWindows",
                "write calibration windows %d to %d".formatted(shard.first(), shard.last() - 1),
                shard.samples());
        GenerateWindows command = new GenerateWindows(
                imported.model(), shard.first(), shard.last(), imported.context(), seed, names.generated(shard));
        return new PlannedTask(outline, List.of(Planner.IMPORT), _ -> command);
    }

    private static PlannedTask join(ModelImported imported, ArtifactNames names, List<PlannedTask> parts) {
        TaskOutline outline =
                new TaskOutline(JOIN, Stage.GENERATE, "JoinWindows", "put the calibration windows together", 1);
        List<String> files =
                Shard.of(imported.samples()).stream().map(names::generated).toList();
        JoinWindows command = new JoinWindows(files, names.tokens());
        return new PlannedTask(outline, parts.stream().map(PlannedTask::key).toList(), _ -> command);
    }
}
