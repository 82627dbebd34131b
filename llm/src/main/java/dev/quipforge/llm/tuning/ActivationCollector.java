package dev.quipforge.llm.tuning;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.calibration.CalibrationWindows;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.rows.MatrixRows;
import dev.quipforge.llm.rows.RowsTensor;
import dev.quipforge.llm.safetensors.DataType;
import dev.quipforge.llm.safetensors.SafetensorsWriter;
import dev.quipforge.llm.transformer.BlockRunner;
import dev.quipforge.llm.transformer.InputListener;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Runs calibration windows through the original model and writes the hidden state at the input of every block, and after the
 * last one: what tuning reads and aims at.
 */
public final class ActivationCollector {

    private final ComputeBackend backend;
    private final ModelDirectory model;

    /** Collects on {@code backend} what {@code model} computes. */
    public ActivationCollector(ComputeBackend backend, ModelDirectory model) {
        this.backend = backend;
        this.model = model;
    }

    /**
     * Writes the {@link ActivationFiles} of windows {@code from} to {@code to}, exclusive, of every boundary.
     *
     * @return number of boundaries
     */
    public int collect(CalibrationWindows windows, int from, int to, Path directory, Progress progress) {
        List<int[]> tokens = windows.range(from, to).tokens();
        if (tokens.isEmpty()) {
            throw new InvalidModelException("windows", from + " to " + to + " (expected: at least one)");
        }
        int blocks = model.config().blocks();
        try (BlockRunner runner = new BlockRunner(backend, model, tokens)) {
            write(runner, ActivationFiles.path(directory, 0, from, to), from, tokens.size());
            for (int block = 0; block < blocks; block++) {
                runner.run(block, InputListener.NONE, progress.part((double) block / blocks, (block + 1.0) / blocks));
                write(runner, ActivationFiles.path(directory, block + 1, from, to), from, tokens.size());
            }
        }
        return blocks + 1;
    }

    private void write(BlockRunner runner, Path file, int first, int windows) {
        Matrix hidden = runner.hidden();
        if (!backend.dense().allFinite(hidden)) {
            throw new InvalidModelException(
                    file.toString(), "the activations are not finite (expected: a model that computes finite numbers)");
        }
        SafetensorsWriter.write(
                file,
                Map.of(ActivationFiles.FIRST, String.valueOf(first), ActivationFiles.WINDOWS, String.valueOf(windows)),
                List.of(new RowsTensor(ActivationFiles.HIDDEN, DataType.BF16, new MatrixRows(backend, hidden))));
    }
}
