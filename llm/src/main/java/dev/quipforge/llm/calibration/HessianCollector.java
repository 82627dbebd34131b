package dev.quipforge.llm.calibration;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.model.Input;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.safetensors.SafetensorsWriter;
import dev.quipforge.llm.safetensors.Tensors;
import dev.quipforge.llm.transformer.BlockRunner;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Runs calibration windows through the whole model and sums x xᵀ over every input of a linear (QTIP: H = E[x xᵀ]). Only
 * the hidden states of the windows and the weights of one block are in memory.
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

    /** Takes sums as they are complete. */
    public interface Sink {

        /**
         * Takes one sum.
         *
         * @param block of the model
         * @param input which of its inputs
         * @param sum Σ x xᵀ, [width × width], on the backend; valid during the call
         * @param tokens number of tokens summed over
         */
        void accept(int block, Input input, Matrix sum, long tokens);
    }

    /**
     * Writes the sums over windows {@code from} to {@code to}, exclusive, to
     * {@code <directory>/<block>/<input>.safetensors}, tensor {@code sum} in F32.
     *
     * @return number of tokens summed over
     */
    public long collect(CalibrationWindows windows, int from, int to, Path directory, Progress progress) {
        CalibrationWindows shard = windows.range(from, to);
        if (shard.tokens().isEmpty()) {
            throw new InvalidModelException("windows", from + " to " + to + " (expected: at least one)");
        }
        Sink files = (block, input, sum, tokens) -> write(sum, tokens, HessianFiles.path(directory, block, input));
        return collect(shard, files, progress);
    }

    /**
     * Hands the sums over all windows, block by block, to {@code sink}.
     *
     * @return number of tokens summed over
     */
    public long collect(CalibrationWindows windows, Sink sink, Progress progress) {
        int blocks = model.config().sizes().blocks();
        try (BlockRunner runner = new BlockRunner(backend, model, windows.tokens())) {
            for (int block = 0; block < blocks; block++) {
                Progress part = progress.part((double) block / blocks, (block + 1.0) / blocks);
                collectBlock(runner, block, sink, part);
            }
            return runner.tokens();
        }
    }

    private void collectBlock(BlockRunner runner, int block, Sink sink, Progress progress) {
        try (Workspace workspace = backend.workspace()) {
            Map<Input, Matrix> sums = new EnumMap<>(Input.class);
            for (Input input : Input.values()) {
                int width = input.width(model.config());
                sums.put(input, workspace.matrix(width, width));
            }
            runner.run(
                    block,
                    (input, activation) -> backend.dense().addActivationGram(activation, sum(sums, input)),
                    progress);
            for (Input input : Input.values()) {
                sink.accept(block, input, sum(sums, input), runner.tokens());
            }
        }
    }

    private static Matrix sum(Map<Input, Matrix> sums, Input input) {
        Matrix sum = sums.get(input);
        if (sum == null) {
            throw new IllegalStateException(input + ": no sum");
        }
        return sum;
    }

    /**
     * Writes a sum.
     *
     * @param sum one that a {@link Sink} was given
     * @param tokens number of tokens summed over
     * @param file where to
     * @throws InvalidModelException when it is not finite
     */
    public void write(Matrix sum, long tokens, Path file) {
        if (!backend.dense().allFinite(sum)) {
            throw new InvalidModelException(
                    file.toString(), "the activations are not finite (expected: a model that computes finite numbers)");
        }
        try (Arena arena = Arena.ofConfined()) {
            HostMatrix host = HostMatrix.allocate(arena, sum.rows(), sum.columns());
            backend.download(sum, host);
            SafetensorsWriter.write(
                    file,
                    Map.of(HessianFiles.TOKENS, Long.toString(tokens)),
                    List.of(Tensors.ofMatrix(HessianFiles.SUM, host)));
        }
    }
}
