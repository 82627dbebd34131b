package dev.quipforge.calibration;

import dev.quipforge.contracts.ReduceHessians;
import dev.quipforge.contracts.TaskResult;
import dev.quipforge.contracts.TaskResult.HessiansReduced;
import dev.quipforge.kit.artifact.ArtifactCache;
import dev.quipforge.kit.artifact.ArtifactStore;
import dev.quipforge.kit.artifact.ScratchDirectory;
import dev.quipforge.kit.task.TaskContext;
import dev.quipforge.kit.task.TaskHandler;
import dev.quipforge.kit.task.TaskResults;
import dev.quipforge.llm.calibration.HessianFile;
import dev.quipforge.llm.calibration.HessianFiles;
import dev.quipforge.llm.calibration.HessianReducer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Adds the sums of all shards of one block, and removes them once the Hessians are stored. A Hessian that is there already, from a
 * worker that came no further, is taken as it is: its sums may be gone.
 */
final class ReduceHessiansHandler implements TaskHandler<ReduceHessians> {

    private final ArtifactStore store;
    private final ArtifactCache cache;
    private final TaskResults results;

    ReduceHessiansHandler(ArtifactStore store, ArtifactCache cache, TaskResults results) {
        this.store = store;
        this.cache = cache;
        this.results = results;
    }

    @Override
    public Class<ReduceHessians> type() {
        return ReduceHessians.class;
    }

    @Override
    public TaskResult handle(ReduceHessians task, TaskContext context) throws IOException {
        String output = task.output() + "/" + task.block();
        HessiansReduced reduced = results.computeOnce(output, HessiansReduced.class, () -> reduce(task, context));
        removeSums(task);
        return reduced;
    }

    /** Where the result is, the Hessians of the block are whole, and nobody reads the sums again. */
    private void removeSums(ReduceHessians task) {
        for (String shard : task.shards()) {
            store.list("%s/%d/".formatted(shard, task.block())).forEach(sums -> store.delete(sums.key()));
        }
    }

    private HessiansReduced reduce(ReduceHessians task, TaskContext context) throws IOException {
        long tokens = 0;
        for (int i = 0; i < task.inputs().size(); i++) {
            String input = task.inputs().get(i);
            context.progress((double) i / task.inputs().size(), "adding the sums of " + input);
            tokens = Math.max(tokens, reduce(task, input));
        }
        return new HessiansReduced(task.output(), task.block(), tokens);
    }

    private long reduce(ReduceHessians task, String group) throws IOException {
        try (ScratchDirectory scratch = cache.scratch()) {
            Path hessians = scratch.path().resolve("hessians");
            String key = task.output() + "/" + name(task, group);
            if (store.exists(key)) {
                store.download(key, hessians);
                return HessianFile.mostTokens(hessians);
            }
            List<String> sums = keys(task, group);
            List<String> all = HessianFiles.isOfExperts(group) ? keys(task, HessianFiles.EXPERTS) : List.of();
            scratch.requireFree(
                    store.bytes(sums)
                            + store.bytes(all)
                            + store.bytes(sums.stream().limit(1).toList()),
                    "reducing the Hessians of " + key);
            List<Path> shards = download(sums, scratch.path().resolve("sums"));
            List<Path> pools = download(all, scratch.path().resolve("pools"));
            long tokens = HessianReducer.reduce(shards, pools, hessians);
            store.put(key, hessians);
            return tokens;
        }
    }

    private static List<String> keys(ReduceHessians task, String group) {
        return task.shards().stream()
                .map(shard -> shard + "/" + name(task, group))
                .toList();
    }

    private List<Path> download(List<String> keys, Path directory) throws IOException {
        Files.createDirectory(directory);
        List<Path> files = new ArrayList<>();
        for (String key : keys) {
            Path file = directory.resolve(String.valueOf(files.size()));
            store.download(key, file);
            files.add(file);
        }
        return files;
    }

    private static String name(ReduceHessians task, String group) {
        return "%d/%s.safetensors".formatted(task.block(), group);
    }
}
