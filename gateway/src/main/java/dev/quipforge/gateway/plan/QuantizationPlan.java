package dev.quipforge.gateway.plan;

import dev.quipforge.contracts.Activations;
import dev.quipforge.contracts.GroupFiles;
import dev.quipforge.contracts.QuantizationRecipe;
import dev.quipforge.contracts.QuantizeGroup;
import dev.quipforge.contracts.TaskResult.LinearGroup;
import dev.quipforge.contracts.TaskResult.ModelImported;
import dev.quipforge.contracts.TuneBlock;
import dev.quipforge.contracts.TuneModel;
import dev.quipforge.contracts.TuningRecipe;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tasks between the Hessians and the checkpoint. Without tuning every group can be quantized at once. With it the groups of
 * a block follow each other, the block is tuned after each, and blocks stand side by side.
 */
final class QuantizationPlan {

    private final ModelImported imported;
    private final ArtifactNames names;
    private final QuantizationRecipe recipe;
    private final @Nullable TuningRecipe tuning;
    private final List<PlannedTask> tasks = new ArrayList<>();
    private final List<String> groups = new ArrayList<>();
    private final List<String> overlays = new ArrayList<>();

    /**
     * Plans.
     *
     * @param blocks the groups of every block, in the order in which they are quantized
     * @param recipe how
     * @param tuning how to tune; null for not at all
     */
    QuantizationPlan(
            ModelImported imported,
            ArtifactNames names,
            Map<Integer, List<LinearGroup>> blocks,
            QuantizationRecipe recipe,
            @Nullable TuningRecipe tuning) {
        this.imported = imported;
        this.names = names;
        this.recipe = recipe;
        this.tuning = tuning;
        if (tuning == null) {
            blocks.values().forEach(block -> block.forEach(this::addGroup));
        } else {
            blocks.values().forEach(block -> addTuned(block, tuning));
        }
    }

    /** All tasks, in order. */
    List<PlannedTask> tasks() {
        return List.copyOf(tasks);
    }

    /** Where the files of all groups are. */
    GroupFiles files() {
        return GroupFiles.of(groups);
    }

    /** Keys of what tuning changed: of every block, or of the whole model; null without tuning. */
    @Nullable
    List<String> overlays() {
        return tuning == null ? null : List.copyOf(overlays);
    }

    /** Adds the tuning of the whole model after all else. */
    void addEndToEnd(TuningRecipe settings) {
        TaskOutline outline =
                new TaskOutline("tune/model", Stage.TUNE_END_TO_END, "TuneModel", "tune the whole model", 1);
        TuneModel command = new TuneModel(
                imported.model(),
                null,
                overlays,
                names.tokens(),
                activations(),
                recipe,
                settings,
                names.tunedModel(),
                files());
        List<String> after = tasks.stream().map(PlannedTask::key).toList();
        tasks.add(new PlannedTask(outline, after, _ -> command));
        overlays.clear();
        overlays.add(command.output());
    }

    private void addGroup(LinearGroup group) {
        String output = names.group(group.block(), group.input());
        tasks.add(quantize(group, "reduce/" + group.block(), null, output));
        groups.add(output);
    }

    private void addTuned(List<LinearGroup> block, TuningRecipe settings) {
        List<String> files = new ArrayList<>();
        String overlay = null;
        String after = "reduce/" + block.getFirst().block();
        for (LinearGroup group : block) {
            String output = overlay == null
                    ? names.group(group.block(), group.input())
                    : names.tunedGroup(group.block(), group.input());
            files.add(output);
            PlannedTask quantized = quantize(group, after, overlay, output);
            PlannedTask tuned = tune(group, quantized.key(), files, overlay, settings);
            tasks.add(quantized);
            tasks.add(tuned);
            after = tuned.key();
            overlay = names.tunedBlock(group.block(), group.input());
        }
        groups.addAll(files);
        if (overlay != null) {
            overlays.add(overlay);
        }
    }

    private PlannedTask quantize(LinearGroup group, String after, @Nullable String overlay, String output) {
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
                overlay,
                Recipes.ofGroup(recipe, group.block(), group.input()),
                output);
        return new PlannedTask(outline, List.of(after), _ -> command);
    }

    private PlannedTask tune(
            LinearGroup group, String after, List<String> files, @Nullable String overlay, TuningRecipe settings) {
        TaskOutline outline = new TaskOutline(
                "tune/%d/%s".formatted(group.block(), group.input()),
                Stage.TUNE_BLOCKS,
                "TuneBlock",
                "tune block %d after %s".formatted(group.block(), group.input()),
                1);
        TuneBlock command = new TuneBlock(
                imported.model(),
                group.block(),
                group.input(),
                files,
                overlay,
                activations(),
                recipe,
                settings,
                names.tunedBlock(group.block(), group.input()));
        List<String> needs = new ArrayList<>(List.of(after));
        Shard.of(imported.samples()).forEach(shard -> needs.add(ImportedPlan.capture(shard)));
        return new PlannedTask(outline, needs, _ -> command);
    }

    private Activations activations() {
        return new Activations(
                names.activations(),
                Shard.of(imported.samples()).stream().map(Shard::range).toList());
    }
}
