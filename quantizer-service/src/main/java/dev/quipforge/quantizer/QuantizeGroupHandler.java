package dev.quipforge.quantizer;

import dev.quipforge.contracts.QuantizeGroup;
import dev.quipforge.contracts.TaskResult;
import dev.quipforge.contracts.TaskResult.GroupQuantized;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.kit.artifact.ArtifactCache;
import dev.quipforge.kit.artifact.ArtifactStore;
import dev.quipforge.kit.artifact.CachedDirectory;
import dev.quipforge.kit.artifact.ScratchDirectory;
import dev.quipforge.kit.task.TaskContext;
import dev.quipforge.kit.task.TaskHandler;
import dev.quipforge.kit.task.TaskResults;
import dev.quipforge.llm.architecture.LinearGroup;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.pipeline.ScratchNeed;
import dev.quipforge.llm.quantization.GroupQuantizer;
import dev.quipforge.llm.quantization.QuantizedGroup;
import dev.quipforge.llm.weights.Overlay;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Quantizes the linears of one group of a block. */
final class QuantizeGroupHandler implements TaskHandler<QuantizeGroup> {

    private final ComputeBackend backend;
    private final ArtifactStore store;
    private final ArtifactCache cache;
    private final TaskResults results;

    QuantizeGroupHandler(ComputeBackend backend, ArtifactStore store, ArtifactCache cache, TaskResults results) {
        this.backend = backend;
        this.store = store;
        this.cache = cache;
        this.results = results;
    }

    @Override
    public Class<QuantizeGroup> type() {
        return QuantizeGroup.class;
    }

    @Override
    public TaskResult handle(QuantizeGroup task, TaskContext context) throws IOException {
        return results.computeOnce(task.output(), GroupQuantized.class, () -> quantize(task, context));
    }

    private GroupQuantized quantize(QuantizeGroup task, TaskContext context) {
        QuantizationConfig settings = Recipes.settings(task.recipe());
        try (CachedDirectory files = cache.open(task.model());
                ScratchDirectory scratch = cache.scratch();
                ModelDirectory model = ModelDirectory.open(files.path())) {
            LinearGroup group = model.layout().group(task.block(), task.input());
            List<String> inputs = Stream.of(task.hessian(), task.overlay())
                    .flatMap(Stream::ofNullable)
                    .toList();
            ScratchNeed need = new ScratchNeed(model.config().architecture());
            scratch.requireFree(
                    store.bytes(inputs) + need.codes(group, settings), "quantizing block %s".formatted(group.path()));
            Path hessian = scratch.path().resolve("hessian.safetensors");
            store.download(task.hessian(), hessian);
            try (Overlay overlay = Overlay.open(overlay(task, scratch.path()))) {
                QuantizedGroup quantized = new GroupQuantizer(backend, settings)
                        .quantize(model, overlay, group, hessian, context::progress);
                Path output = scratch.path().resolve("group.safetensors");
                quantized.write(output);
                store.put(task.output(), output);
                return Reports.result(
                        task.output(), quantized.report(), model.config().architecture());
            }
        }
    }

    private List<Path> overlay(QuantizeGroup task, Path scratch) {
        if (task.overlay() == null) {
            return List.of();
        }
        Path file = scratch.resolve("overlay.safetensors");
        store.download(task.overlay(), file);
        return List.of(file);
    }
}
