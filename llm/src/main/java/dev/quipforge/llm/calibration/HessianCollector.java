package dev.quipforge.llm.calibration;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.architecture.LinearGroup;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.rows.MatrixTensor;
import dev.quipforge.llm.safetensors.SafetensorsWriter;
import dev.quipforge.llm.safetensors.WritableTensor;
import dev.quipforge.llm.transformer.BlockRunner;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs calibration windows through the whole model and sums x xᵀ over every input of a linear (QTIP: H = E[x xᵀ]). Only
 * the hidden states of the windows, the weights of one block and the sums of a few groups are in memory: those of experts are
 * handed over as soon as all tokens of a range of them have been seen.
 */
public final class HessianCollector {

    /** Windows of one shard, everywhere: so the sums do not depend on who collects them. */
    public static final int SHARD_WINDOWS = 64;

    private final ComputeBackend backend;
    private final ModelDirectory model;

    /** Collects on {@code backend} what {@code model} computes. */
    public HessianCollector(ComputeBackend backend, ModelDirectory model) {
        this.backend = backend;
        this.model = model;
    }

    /**
     * The sum of one input.
     *
     * @param input its key
     * @param matrix Σ x xᵀ, [width × width], on the backend
     * @param tokens number of tokens summed over
     */
    public record Sum(String input, Matrix matrix, long tokens) {}

    /** Takes sums as they are complete. */
    public interface Sink {

        /**
         * Takes the sums of a group, or of all experts of a block together.
         *
         * @param block of the model
         * @param group key of the group, or {@link HessianFiles#EXPERTS}
         * @param sums one an input; valid during the call
         */
        void accept(int block, String group, List<Sum> sums);
    }

    /**
     * Writes the sums over windows {@code from} to {@code to}, exclusive, to {@link HessianFiles#path}.
     *
     * @return number of tokens summed over
     */
    public long collect(CalibrationWindows windows, int from, int to, Path directory, Progress progress) {
        CalibrationWindows shard = windows.range(from, to);
        if (shard.tokens().isEmpty()) {
            throw new InvalidModelException("windows", from + " to " + to + " (expected: at least one)");
        }
        Sink files = (block, group, sums) -> write(sums, HessianFiles.path(directory, block, group));
        return collect(shard, files, progress);
    }

    /**
     * Hands the sums over all windows, block by block, to {@code sink}.
     *
     * @return number of tokens summed over
     */
    public long collect(CalibrationWindows windows, Sink sink, Progress progress) {
        int blocks = model.config().blocks();
        try (BlockRunner runner = new BlockRunner(backend, model, windows.tokens())) {
            for (int block = 0; block < blocks; block++) {
                collect(runner, block, sink, progress.part((double) block / blocks, (block + 1.0) / blocks));
            }
            return runner.tokens();
        }
    }

    /**
     * Hands the sums of one block to {@code sink}.
     *
     * @param runner of the same model, whose windows go through the block, whose turn it must be
     * @param block its index
     * @param sink takes them
     * @param progress hears of every batch
     */
    public void collect(BlockRunner runner, int block, Sink sink, Progress progress) {
        List<LinearGroup> groups =
                model.config().architecture().blocks().get(block).groups();
        try (BlockSums sums = new BlockSums(backend, block, groups, sink)) {
            runner.run(block, sums, progress);
            sums.finish();
        }
    }

    /**
     * Writes sums to a {@link HessianFile}.
     *
     * @param sums what a {@link Sink} was given
     * @param file where to
     * @throws InvalidModelException when one is not finite
     */
    public void write(List<Sum> sums, Path file) {
        Map<String, String> metadata = new HashMap<>();
        List<WritableTensor> tensors = new ArrayList<>();
        for (Sum sum : sums) {
            if (!backend.dense().allFinite(sum.matrix)) {
                throw new InvalidModelException(
                        file.toString(),
                        "the activations are not finite (expected: a model that computes finite numbers)");
            }
            metadata.putAll(HessianFile.metadata(sum.input, sum.tokens, 0));
            tensors.add(new MatrixTensor(backend, sum.input, sum.matrix));
        }
        SafetensorsWriter.write(file, metadata, tensors);
    }
}
