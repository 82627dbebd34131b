package dev.quipforge.calibration;

import dev.quipforge.contracts.CaptureActivations;
import dev.quipforge.contracts.TaskResult;
import dev.quipforge.contracts.TaskResult.ActivationsCaptured;
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
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.pipeline.ScratchNeed;
import dev.quipforge.llm.tuning.ActivationCollector;
import java.io.IOException;
import java.nio.file.Path;

/** Runs the model on a range of calibration windows and stores the hidden states at every boundary between blocks. */
final class CaptureActivationsHandler implements TaskHandler<CaptureActivations> {

    private final ComputeBackend backend;
    private final ArtifactStore store;
    private final ArtifactCache cache;
    private final TaskResults results;

    CaptureActivationsHandler(ComputeBackend backend, ArtifactStore store, ArtifactCache cache, TaskResults results) {
        this.backend = backend;
        this.store = store;
        this.cache = cache;
        this.results = results;
    }

    @Override
    public Class<CaptureActivations> type() {
        return CaptureActivations.class;
    }

    @Override
    public TaskResult handle(CaptureActivations task, TaskContext context) throws IOException {
        String output = "%s/%d-%d".formatted(task.output(), task.firstSample(), task.lastSample());
        return results.computeOnce(output, ActivationsCaptured.class, () -> capture(task, context));
    }

    private ActivationsCaptured capture(CaptureActivations task, TaskContext context) {
        try (CachedDirectory files = cache.open(task.model());
                ScratchDirectory scratch = cache.scratch();
                ModelDirectory model = ModelDirectory.open(files.path())) {
            Path tokens = scratch.path().resolve("tokens.safetensors");
            store.download(task.tokens(), tokens);
            CalibrationWindows windows = CalibrationWindows.read(tokens);
            scratch.requireFree(
                    new ScratchNeed(model.config().architecture())
                            .allHiddenStates(task.lastSample() - task.firstSample(), windows.context()),
                    "storing the hidden states of " + task.model());
            Path states = scratch.path().resolve("states");
            Progress progress = context::progress;
            int boundaries = new ActivationCollector(backend, model)
                    .collect(windows, task.firstSample(), task.lastSample(), states, progress.part(0, 0.9));
            progress.update(0.9, "storing hidden states");
            store.putDirectory(task.output(), states);
            long samples = (long) task.lastSample() - task.firstSample();
            return new ActivationsCaptured(task.output(), boundaries, samples * windows.context());
        }
    }
}
