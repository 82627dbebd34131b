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
import dev.quipforge.llm.checkpoint.CheckpointAssembler;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.model.ModelDirectory;
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
        QuantizationConfig settings = Recipes.settings(task.recipe());
        try (CachedDirectory files = cache.open(task.model());
                ScratchDirectory scratch = cache.scratch();
                ModelDirectory model = ModelDirectory.open(files.path())) {
            List<Path> groups = groups(task, scratch.path(), context);
            context.progress(0.6, "writing the checkpoint");
            Path checkpoint = scratch.path().resolve("checkpoint");
            long bytes = CheckpointAssembler.assemble(model, groups, settings, checkpoint);
            context.progress(0.8, "storing the checkpoint");
            store.putDirectory(task.output(), checkpoint);
            return new ModelAssembled(task.output(), bytes);
        }
    }

    private List<Path> groups(AssembleModel task, Path scratch, TaskContext context) {
        List<Path> groups = new ArrayList<>();
        for (String key : task.groups()) {
            context.progress(0.6 * groups.size() / task.groups().size(), "fetching " + key);
            Path group = scratch.resolve("group-" + groups.size() + ".safetensors");
            store.download(key, group);
            groups.add(group);
        }
        return groups;
    }
}
