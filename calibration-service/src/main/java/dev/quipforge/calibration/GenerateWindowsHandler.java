package dev.quipforge.calibration;

import dev.quipforge.contracts.GenerateWindows;
import dev.quipforge.contracts.TaskResult;
import dev.quipforge.contracts.TaskResult.WindowsGenerated;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.kit.artifact.ArtifactCache;
import dev.quipforge.kit.artifact.ArtifactStore;
import dev.quipforge.kit.artifact.CachedDirectory;
import dev.quipforge.kit.artifact.ScratchDirectory;
import dev.quipforge.kit.task.TaskContext;
import dev.quipforge.kit.task.TaskHandler;
import dev.quipforge.kit.task.TaskResults;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.calibration.CalibrationWindows;
import dev.quipforge.llm.generation.SelfGeneration;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.transformer.Decoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Has the original model write a range of calibration windows. */
final class GenerateWindowsHandler implements TaskHandler<GenerateWindows> {

    private final ComputeBackend backend;
    private final ArtifactStore store;
    private final ArtifactCache cache;
    private final TaskResults results;

    GenerateWindowsHandler(ComputeBackend backend, ArtifactStore store, ArtifactCache cache, TaskResults results) {
        this.backend = backend;
        this.store = store;
        this.cache = cache;
        this.results = results;
    }

    @Override
    public Class<GenerateWindows> type() {
        return GenerateWindows.class;
    }

    @Override
    public TaskResult handle(GenerateWindows task, TaskContext context) throws IOException {
        return results.computeOnce(task.output(), WindowsGenerated.class, () -> generate(task, context));
    }

    private WindowsGenerated generate(GenerateWindows task, TaskContext context) {
        Progress progress = context::progress;
        try (CachedDirectory files = cache.open(task.model());
                ScratchDirectory scratch = cache.scratch();
                ModelDirectory directory = ModelDirectory.open(files.path());
                Decoder model = Decoder.load(backend, directory, progress.part(0, 0.1))) {
            List<int[]> windows = new SelfGeneration(
                            model, directory.tokenizer().prefix(), task.seed())
                    .range(task.firstSample(), task.lastSample(), task.context(), progress.part(0.1, 1));
            Path file = scratch.path().resolve("windows.safetensors");
            new CalibrationWindows(task.context(), windows).write(file);
            store.put(task.output(), file);
            return new WindowsGenerated(task.output(), (long) windows.size() * task.context());
        }
    }
}
