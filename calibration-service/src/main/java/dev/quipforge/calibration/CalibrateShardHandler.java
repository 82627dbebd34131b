package dev.quipforge.calibration;

import dev.quipforge.contracts.CalibrateShard;
import dev.quipforge.contracts.TaskResult;
import dev.quipforge.contracts.TaskResult.ShardCalibrated;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.kit.artifact.ArtifactCache;
import dev.quipforge.kit.artifact.ArtifactStore;
import dev.quipforge.kit.artifact.CachedDirectory;
import dev.quipforge.kit.artifact.ScratchDirectory;
import dev.quipforge.kit.task.TaskContext;
import dev.quipforge.kit.task.TaskHandler;
import dev.quipforge.kit.task.TaskResults;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.calibration.CalibrationWindows;
import dev.quipforge.llm.calibration.HessianCollector;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.pipeline.ScratchNeed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Runs the model on a range of calibration windows and stores the sums x xᵀ, a file for each group. */
final class CalibrateShardHandler implements TaskHandler<CalibrateShard> {

    private final ComputeBackend backend;
    private final ArtifactStore store;
    private final ArtifactCache cache;
    private final TaskResults results;

    CalibrateShardHandler(ComputeBackend backend, ArtifactStore store, ArtifactCache cache, TaskResults results) {
        this.backend = backend;
        this.store = store;
        this.cache = cache;
        this.results = results;
    }

    @Override
    public Class<CalibrateShard> type() {
        return CalibrateShard.class;
    }

    @Override
    public TaskResult handle(CalibrateShard task, TaskContext context) throws IOException {
        return results.computeOnce(task.output(), ShardCalibrated.class, () -> calibrate(task, context));
    }

    private ShardCalibrated calibrate(CalibrateShard task, TaskContext context) {
        try (CachedDirectory files = cache.open(task.model());
                ScratchDirectory scratch = cache.scratch();
                ModelDirectory model = ModelDirectory.open(files.path())) {
            Path tokens = scratch.path().resolve("tokens.safetensors");
            store.download(task.tokens(), tokens);
            CalibrationWindows windows = CalibrationWindows.read(tokens);
            if (hasHessians(task.hessians(), model.config().blocks())) {
                long samples = (long) task.lastSample() - task.firstSample();
                return new ShardCalibrated(task.output(), samples * windows.context());
            }
            scratch.requireFree(
                    new ScratchNeed(model.config().architecture()).largestHessians(), "calibrating " + task.model());
            return calibrate(task, model, windows, scratch.path().resolve("sums"), context::progress);
        }
    }

    /** Whether an earlier job made of the sums what they are for, after which they were removed. */
    private boolean hasHessians(@Nullable String prefix, int blocks) {
        return prefix != null && IntStream.range(0, blocks).allMatch(block -> results.exists(prefix + "/" + block));
    }

    /** The sums of one group at a time are on the disk: those of all experts of a large model would not fit. */
    private ShardCalibrated calibrate(
            CalibrateShard task, ModelDirectory model, CalibrationWindows windows, Path file, Progress progress) {
        CalibrationWindows shard = windows.range(task.firstSample(), task.lastSample());
        if (shard.samples() == 0) {
            throw new InvalidModelException(
                    "windows", task.firstSample() + " to " + task.lastSample() + " (expected: at least one)");
        }
        HessianCollector collector = new HessianCollector(backend, model);
        HessianCollector.Sink sink = (block, group, sums) -> {
            collector.write(sums, file);
            store.put("%s/%d/%s.safetensors".formatted(task.output(), block, group), file);
        };
        long tokens = collector.collect(shard, sink, progress);
        return new ShardCalibrated(task.output(), tokens);
    }
}
