package dev.quipforge.quantizer;

import dev.quipforge.contracts.AssembleModel;
import dev.quipforge.contracts.TaskResult;
import dev.quipforge.contracts.TaskResult.ModelAssembled;
import dev.quipforge.kit.artifact.ArtifactCache;
import dev.quipforge.kit.artifact.ArtifactStore;
import dev.quipforge.kit.artifact.CachedDirectory;
import dev.quipforge.kit.artifact.ScratchDirectory;
import dev.quipforge.kit.task.TaskContext;
import dev.quipforge.kit.task.TaskHandler;
import dev.quipforge.kit.task.TaskResults;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.checkpoint.CheckpointAssembler;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.pipeline.ScratchNeed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Makes a checkpoint of the quantized groups and of what stays as it was. */
final class AssembleModelHandler implements TaskHandler<AssembleModel> {

    private final ArtifactStore store;
    private final ArtifactCache cache;
    private final TaskResults results;

    AssembleModelHandler(ArtifactStore store, ArtifactCache cache, TaskResults results) {
        this.store = store;
        this.cache = cache;
        this.results = results;
    }

    @Override
    public Class<AssembleModel> type() {
        return AssembleModel.class;
    }

    @Override
    public TaskResult handle(AssembleModel task, TaskContext context) throws IOException {
        return results.computeOnce(task.output(), ModelAssembled.class, () -> assemble(task, context));
    }

    private ModelAssembled assemble(AssembleModel task, TaskContext context) {
        QuantizationScheme scheme = Recipes.scheme(task.recipe());
        try (CachedDirectory files = cache.open(task.model());
                ScratchDirectory scratch = cache.scratch();
                ModelDirectory model = ModelDirectory.open(files.path())) {
            Progress progress = context::progress;
            List<String> tuned = task.overlays() == null ? List.of() : task.overlays();
            ScratchNeed need = new ScratchNeed(model.config().architecture());
            scratch.requireFree(
                    need.codes(scheme) + store.bytes(tuned) + need.checkpoint(scheme), "assembling " + task.output());
            List<Path> groups = download(
                    task.groupKeys(model.layout().groupNames()), scratch.path(), "group", progress.part(0, 0.5));
            List<Path> overlays = download(tuned, scratch.path(), "overlay", progress.part(0.5, 0.6));
            context.progress(0.6, "writing the checkpoint");
            Path checkpoint = scratch.path().resolve("checkpoint");
            long bytes = CheckpointAssembler.assemble(model, groups, overlays, scheme, checkpoint);
            context.progress(0.8, "storing the checkpoint");
            store.putDirectory(task.output(), checkpoint);
            return new ModelAssembled(task.output(), bytes);
        }
    }

    private List<Path> download(List<String> keys, Path scratch, String name, Progress progress) {
        List<Path> files = new ArrayList<>();
        for (String key : keys) {
            progress.update((double) files.size() / keys.size(), "fetching " + key);
            Path file = scratch.resolve("%s-%d.safetensors".formatted(name, files.size()));
            store.download(key, file);
            files.add(file);
        }
        return files;
    }
}
