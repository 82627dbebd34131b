package dev.quipforge.llm.testing;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.calibration.CalibrationSource;
import dev.quipforge.llm.config.QuantizationCode;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.evaluation.Perplexity;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.pipeline.LocalQuantization;
import dev.quipforge.llm.rows.MatrixRows;
import dev.quipforge.llm.tokenizer.TextWindows;
import dev.quipforge.llm.transformer.Decoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a model directory computes on a backend.
 *
 * @param backend the backend
 * @param directory the model
 */
public record OpenModel(ComputeBackend backend, Path directory) {

    private static final int CHARACTERS = 30_000;
    private static final int WINDOW = 128;

    /** The logits of texts of equal length, below each other. */
    public float[] logits(List<int[]> texts) {
        try (ModelDirectory opened = ModelDirectory.open(directory);
                Decoder model = Decoder.load(backend, opened, Progress.NONE);
                Workspace workspace = backend.workspace()) {
            return new MatrixRows(backend, model.logits(workspace, model.hiddenStates(workspace, texts))).values();
        }
    }

    /** The perplexity of the first 30,000 characters of the demo's held-out text, in windows of 128 tokens. */
    public double perplexity() {
        try (ModelDirectory opened = ModelDirectory.open(directory)) {
            TextWindows windows = TextWindows.cut(opened.tokenizer(), text("heldout.txt"), WINDOW, "heldout.txt");
            return Perplexity.measure(backend, opened, windows, Progress.NONE).perplexity();
        }
    }

    /** The shapes of all tensors by name. */
    public SortedMap<String, List<Long>> shapes() {
        SortedMap<String, List<Long>> shapes = new TreeMap<>();
        try (ModelDirectory opened = ModelDirectory.open(directory)) {
            opened.weights()
                    .names()
                    .forEach(name ->
                            shapes.put(name, opened.weights().tensor(name).shape()));
        }
        return shapes;
    }

    /** Quantizes it with QTIP at 4 bits, to {@code output}. */
    public OpenModel quantized(Path output) {
        return quantized(output, QuantizationConfig.of(QuantizationCode.THREE_INST, 4, 1));
    }

    /** Quantizes it as {@code config} says, to {@code output}. */
    public OpenModel quantized(Path output, QuantizationConfig config) {
        LocalQuantization.run(
                backend,
                new LocalQuantization.Request(
                        directory,
                        output,
                        new CalibrationSource.Text(text("calibration.txt"), 24, 64),
                        QuantizationScheme.uniform(config)),
                LocalQuantization.StageListener.NONE);
        return new OpenModel(backend, output);
    }

    private static String text(String name) {
        try {
            return Files.readString(TestModels.demo().resolve(name)).substring(0, CHARACTERS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
