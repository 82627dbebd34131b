package dev.quipforge.calibration;

import dev.quipforge.contracts.JoinWindows;
import dev.quipforge.contracts.TaskResult;
import dev.quipforge.contracts.TaskResult.WindowsJoined;
import dev.quipforge.kit.artifact.ArtifactCache;
import dev.quipforge.kit.artifact.ArtifactStore;
import dev.quipforge.kit.artifact.ScratchDirectory;
import dev.quipforge.kit.task.TaskContext;
import dev.quipforge.kit.task.TaskHandler;
import dev.quipforge.kit.task.TaskResults;
import dev.quipforge.llm.calibration.CalibrationWindows;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Makes one file of the windows that a model wrote in ranges. */
final class JoinWindowsHandler implements TaskHandler<JoinWindows> {

    private final ArtifactStore store;
    private final ArtifactCache cache;
    private final TaskResults results;

    JoinWindowsHandler(ArtifactStore store, ArtifactCache cache, TaskResults results) {
        this.store = store;
        this.cache = cache;
        this.results = results;
    }

    @Override
    public Class<JoinWindows> type() {
        return JoinWindows.class;
    }

    @Override
    public TaskResult handle(JoinWindows task, TaskContext context) throws IOException {
        return results.computeOnce(task.output(), WindowsJoined.class, () -> join(task, context));
    }

    private WindowsJoined join(JoinWindows task, TaskContext context) {
        try (ScratchDirectory scratch = cache.scratch()) {
            scratch.requireFree(2 * store.bytes(task.parts()), "joining calibration windows");
            List<CalibrationWindows> parts = new ArrayList<>();
            for (String part : task.parts()) {
                context.progress((double) parts.size() / task.parts().size(), "fetching " + part);
                Path file = scratch.path().resolve("part-" + parts.size());
                store.download(part, file);
                parts.add(CalibrationWindows.read(file));
            }
            CalibrationWindows joined = CalibrationWindows.join(parts);
            Path file = scratch.path().resolve("tokens.safetensors");
            joined.write(file);
            store.put(task.output(), file);
            return new WindowsJoined(task.output(), joined.samples());
        }
    }
}
