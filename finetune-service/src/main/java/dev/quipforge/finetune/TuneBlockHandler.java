package dev.quipforge.finetune;

import dev.quipforge.contracts.TaskResult;
import dev.quipforge.contracts.TaskResult.BlockTuned;
import dev.quipforge.contracts.TuneBlock;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.kit.artifact.ArtifactCache;
import dev.quipforge.kit.artifact.ArtifactStore;
import dev.quipforge.kit.artifact.CachedDirectory;
import dev.quipforge.kit.artifact.ScratchDirectory;
import dev.quipforge.kit.task.TaskContext;
import dev.quipforge.kit.task.TaskHandler;
import dev.quipforge.kit.task.TaskResults;
import dev.quipforge.llm.architecture.LinearGroup;
import dev.quipforge.llm.config.TuningConfig;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.pipeline.ScratchNeed;
import dev.quipforge.llm.tuning.BlockTuner;
import dev.quipforge.llm.tuning.TuningReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Tunes a block after one of its groups was quantized. */
final class TuneBlockHandler implements TaskHandler<TuneBlock> {

    private final ComputeBackend backend;
    private final ArtifactStore store;
    private final ArtifactCache cache;
    private final TaskResults results;
    private final Checkpoints checkpoints;

    TuneBlockHandler(
            ComputeBackend backend,
            ArtifactStore store,
            ArtifactCache cache,
            TaskResults results,
            Checkpoints checkpoints) {
        this.backend = backend;
        this.store = store;
        this.cache = cache;
        this.results = results;
        this.checkpoints = checkpoints;
    }

    @Override
    public Class<TuneBlock> type() {
        return TuneBlock.class;
    }

    @Override
    public TaskResult handle(TuneBlock task, TaskContext context) throws IOException {
        BlockTuned tuned = results.computeOnce(task.output(), BlockTuned.class, () -> tune(task, context));
        checkpoints.clear(task.output());
        return tuned;
    }

    private BlockTuned tune(TuneBlock task, TaskContext context) {
        context.progress(0, "fetching the hidden states");
        try (CachedDirectory files = cache.open(task.model());
                ModelDirectory model = ModelDirectory.open(files.path())) {
            LinearGroup group = model.layout().group(task.block(), task.input());
            try (CachedDirectory inputs = cache.open(TuningFiles.boundary(task.activations(), task.block()));
                    CachedDirectory targets = cache.open(TuningFiles.boundary(task.activations(), task.block() + 1));
                    ScratchDirectory scratch = cache.scratch()) {
                List<String> keys = Stream.concat(task.groups().stream(), overlays(task).stream())
                        .toList();
                scratch.requireFree(
                        store.bytes(keys)
                                + new ScratchNeed(model.config().architecture())
                                        .training(
                                                model.config()
                                                        .architecture()
                                                        .blocks()
                                                        .get(task.block()),
                                                task.input()),
                        "tuning block " + group.path());
                BlockTuner.Task work = new BlockTuner.Task(
                        group,
                        TuningFiles.fetch(store, task.groups(), scratch.path(), "group"),
                        TuningFiles.fetch(store, overlays(task), scratch.path(), "overlay"),
                        TuningFiles.shards(task.activations(), inputs),
                        TuningFiles.shards(task.activations(), targets));
                return tune(task, model, work, scratch.path(), context);
            }
        }
    }

    private BlockTuned tune(
            TuneBlock task, ModelDirectory model, BlockTuner.Task work, Path scratch, TaskContext context) {
        TuningConfig tuning = Recipes.settings(task.tuning(), model.config());
        Path output = scratch.resolve("tuned.safetensors");
        TuningReport report = new BlockTuner(backend, model, Recipes.scheme(task.recipe()), tuning)
                .tune(work, output, checkpoints.of(task.output(), scratch), context::progress);
        store.put(task.output(), output);
        return new BlockTuned(task.output(), task.block(), task.input(), TuningFiles.figures(report));
    }

    private static List<String> overlays(TuneBlock task) {
        return task.overlay() == null ? List.of() : List.of(task.overlay());
    }
}
