package dev.quipforge.llm.tuning;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.calibration.CalibrationWindows;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.config.TuningConfig;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.safetensors.SafetensorsWriter;
import dev.quipforge.llm.training.Parameter;
import dev.quipforge.llm.training.TrainableModel;
import dev.quipforge.llm.training.TrainingSource;
import java.nio.file.Path;
import java.util.List;

/**
 * Tunes a quantized model as a whole to the distribution that the original gives to every next token: the sign vectors of all
 * linears, the tables of HYB, norms, and the head (QuIP#, section 5; QTIP, section 5). The original's logits are made again from its last hidden
 * states, a few tokens at a time.
 */
public final class ModelTuner {

    private static final String NAME = "model";

    private final ComputeBackend backend;
    private final ModelDirectory model;
    private final QuantizationScheme quantization;
    private final TuningConfig tuning;

    /**
     * Tunes one model.
     *
     * @param backend where to compute
     * @param model the original
     * @param quantization how it is quantized; its seed also decides the order of the windows
     * @param tuning how to tune
     */
    public ModelTuner(
            ComputeBackend backend, ModelDirectory model, QuantizationScheme quantization, TuningConfig tuning) {
        this.backend = backend;
        this.model = model;
        this.quantization = quantization;
        this.tuning = tuning;
    }

    /**
     * What to tune.
     *
     * @param groups files of all quantized groups
     * @param overlays the last overlay of every block; none where blocks were not tuned
     * @param windows the calibration windows
     * @param finals {@link ActivationFiles} of all windows after the last block
     */
    public record Task(List<Path> groups, List<Path> overlays, CalibrationWindows windows, List<Path> finals) {

        public Task {
            groups = List.copyOf(groups);
            overlays = List.copyOf(overlays);
            finals = List.copyOf(finals);
        }
    }

    /**
     * Tunes the model.
     *
     * @param task what
     * @param overlay the file to write: every tuned tensor under its name in a checkpoint, F32, and the report. It takes the
     *     place of the overlays of the blocks
     * @param checkpoints where to keep how far it has come
     * @param progress hears of every step
     */
    public TuningReport tune(Task task, Path overlay, TuningCheckpoints checkpoints, Progress progress) {
        try (ActivationSet finals = ActivationSet.open(task.finals);
                TrainingSource source = TrainingSource.open(model, quantization, task.groups, task.overlays)) {
            if (finals.windows() != task.windows.samples() || finals.length() != task.windows.context()) {
                throw new InvalidModelException(
                        "activations",
                        finals.windows() + " windows of " + finals.length() + " (expected: " + task.windows.samples()
                                + " of " + task.windows.context() + ")");
            }
            int tokens = tuning.endToEnd().batch() * finals.length();
            try (Workspace workspace = backend.workspace();
                    TrainableModel trained = TrainableModel.load(backend, source, tokens)) {
                Objective objective = new ToOriginal(trained, task.windows, finals, workspace, tokens);
                TuningReport report = new TrainingLoop(backend, plan(finals), objective, checkpoints, progress).run();
                SafetensorsWriter.write(overlay, report.asMetadata(), trained.tensors());
                return report;
            }
        }
    }

    private TrainingLoop.Plan plan(ActivationSet finals) {
        return new TrainingLoop.Plan(
                NAME,
                quantization.seed(),
                tuning.endToEnd(),
                tuning.patience(),
                WindowSplit.of(quantization.seed(), finals.windows(), tuning.validation()));
    }

    /** The mean divergence from the original's distribution. */
    private final class ToOriginal implements Objective {

        private final TrainableModel trained;
        private final CalibrationWindows windows;
        private final ActivationSet finals;
        private final Matrix original;
        private final Matrix gradient;

        private ToOriginal(
                TrainableModel trained,
                CalibrationWindows windows,
                ActivationSet finals,
                Workspace workspace,
                int tokens) {
            this.trained = trained;
            this.windows = windows;
            this.finals = finals;
            this.original = workspace.matrix(tokens, model.config().hidden());
            this.gradient = workspace.matrix(tokens, model.config().hidden());
        }

        @Override
        public List<Parameter> parameters() {
            return trained.parameters();
        }

        @Override
        public void addGradients(List<Integer> batch, int all) {
            Matrix hidden = trained.forward(tokens(batch));
            Matrix at = gradient.rows(0, hidden.rows());
            float factor = (float) (1.0 / all / windows.context());
            trained.head().divergence(read(batch, hidden.rows()), hidden, factor, at);
            trained.backward(batch.size(), at);
        }

        @Override
        public double loss(List<Integer> batch) {
            Matrix hidden = trained.forward(tokens(batch));
            return trained.head().divergence(read(batch, hidden.rows()), hidden) / windows.context();
        }

        private List<int[]> tokens(List<Integer> batch) {
            return batch.stream().map(windows.tokens()::get).toList();
        }

        private Matrix read(List<Integer> batch, int tokens) {
            Matrix states = original.rows(0, tokens);
            finals.read(backend, batch, states);
            return states;
        }
    }
}
