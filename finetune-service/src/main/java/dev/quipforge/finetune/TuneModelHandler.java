package dev.quipforge.finetune;

import dev.quipforge.contracts.TaskResult;
import dev.quipforge.contracts.TaskResult.ModelTuned;
import dev.quipforge.contracts.TuneModel;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.kit.artifact.ArtifactCache;
import dev.quipforge.kit.artifact.ArtifactStore;
import dev.quipforge.kit.artifact.CachedDirectory;
import dev.quipforge.kit.artifact.ScratchDirectory;
import dev.quipforge.kit.task.TaskContext;
import dev.quipforge.kit.task.TaskHandler;
import dev.quipforge.kit.task.TaskResults;
import dev.quipforge.llm.calibration.CalibrationWindows;
import dev.quipforge.llm.config.TuningConfig;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.pipeline.ScratchNeed;
import dev.quipforge.llm.tuning.ModelTuner;
import dev.quipforge.llm.tuning.TuningReport;
import java.io.IOException;
import java.nio.file.Path;

/** Tunes a quantized model as a whole. */
final class TuneModelHandler implements TaskHandler<TuneModel> {

    private final ComputeBackend backend;
    private final ArtifactStore store;
    private final ArtifactCache cache;
    private final TaskResults results;
    private final Checkpoints checkpoints;

    TuneModelHandler(
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
    public Class<TuneModel> type() {
        return TuneModel.class;
    }

    @Override
    public TaskResult handle(TuneModel task, TaskContext context) throws IOException {
        ModelTuned tuned = results.computeOnce(task.output(), ModelTuned.class, () -> tune(task, context));
        checkpoints.clear(task.output());
        return tuned;
    }

    private ModelTuned tune(TuneModel task, TaskContext context) {
        context.progress(0, "fetching the quantized groups");
        try (CachedDirectory files = cache.open(task.model());
                ModelDirectory model = ModelDirectory.open(files.path())) {
            int last = model.config().blocks();
            try (CachedDirectory finals = cache.open(TuningFiles.boundary(task.activations(), last));
                    ScratchDirectory scratch = cache.scratch()) {
                Path tokens = scratch.path().resolve("tokens.safetensors");
                store.download(task.tokens(), tokens);
                ScratchNeed need = new ScratchNeed(model.config().architecture());
                scratch.requireFree(
                        need.codes(Recipes.scheme(task.recipe())) + store.bytes(task.overlays()) + need.training(),
                        "tuning " + task.model());
                ModelTuner.Task work = new ModelTuner.Task(
                        TuningFiles.fetch(store, task.groupKeys(model.layout().groupNames()), scratch.path(), "group"),
                        TuningFiles.fetch(store, task.overlays(), scratch.path(), "overlay"),
                        CalibrationWindows.read(tokens),
                        TuningFiles.shards(task.activations(), finals));
                return tune(task, model, work, scratch.path(), context);
            }
        }
    }

    private ModelTuned tune(
            TuneModel task, ModelDirectory model, ModelTuner.Task work, Path scratch, TaskContext context) {
        TuningConfig tuning = Recipes.settings(task.tuning(), model.config());
        Path output = scratch.resolve("tuned.safetensors");
        TuningReport report = new ModelTuner(backend, model, Recipes.scheme(task.recipe()), tuning)
                .tune(work, output, checkpoints.of(task.output(), scratch), context::progress);
        store.put(task.output(), output);
        return new ModelTuned(task.output(), TuningFiles.figures(report));
    }
}
