package dev.quipforge.benchmarks;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.calibration.CalibrationWindows;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.config.TuningConfig;
import dev.quipforge.llm.config.TuningMode;
import dev.quipforge.llm.config.TuningPreset;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.tuning.ActivationCollector;
import dev.quipforge.llm.tuning.ActivationFiles;
import dev.quipforge.llm.tuning.ModelTuner;
import dev.quipforge.llm.tuning.TuningCheckpoints;
import dev.quipforge.llm.tuning.TuningReport;
import java.nio.file.Path;
import java.util.List;

/**
 * End-to-end tuning of a quantized model, as long as two steps of a large model take.
 *
 * @param backend where
 * @param model the original
 * @param quantization how it was quantized
 * @param directory for what it writes
 */
record ModelTraining(ComputeBackend backend, ModelDirectory model, QuantizationConfig quantization, Path directory) {

    /** Windows of two steps of the preset, and those that it validates on. */
    private static final int WINDOWS = 18;

    /**
     * Trains one epoch.
     *
     * @param windows of the calibration; the first are taken
     * @param groups files of all quantized groups
     * @param progress hears of every step
     */
    TuningReport run(CalibrationWindows windows, List<Path> groups, Progress progress) {
        int count = Math.min(WINDOWS, windows.samples());
        CalibrationWindows few = windows.range(0, count);
        Path activations = directory.resolve("activations");
        int boundaries = new ActivationCollector(backend, model).collect(few, 0, count, activations, progress);
        ModelTuner.Task task = new ModelTuner.Task(
                groups, List.of(), few, List.of(ActivationFiles.path(activations, boundaries - 1, 0, count)));
        return new ModelTuner(backend, model, QuantizationScheme.uniform(quantization), tuning())
                .tune(task, directory.resolve("tuned.safetensors"), TuningCheckpoints.NONE, progress);
    }

    private TuningConfig tuning() {
        return TuningConfig.of(TuningMode.BLOCKS_AND_END_TO_END, TuningPreset.STANDARD, model.config())
                .with("endToEnd.epochs", 1);
    }
}
