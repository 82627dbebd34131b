package dev.quipforge.llm.tuning;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.architecture.LinearGroup;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.config.TuningConfig;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.safetensors.SafetensorsWriter;
import dev.quipforge.llm.training.BlockTraining;
import dev.quipforge.llm.training.Parameter;
import dev.quipforge.llm.training.TrainingSource;
import java.nio.file.Path;
import java.util.List;

/**
 * Tunes a block after one of its groups was quantized: norms, linears that are dense yet, and the sign vectors of those that
 * are quantized, to the output of the original block on the original's inputs (QuIP#, section 5). Errors of other blocks play no
 * part, so blocks can be tuned side by side.
 */
public final class BlockTuner {

    private final ComputeBackend backend;
    private final ModelDirectory model;
    private final QuantizationScheme quantization;
    private final TuningConfig tuning;

    /**
     * Tunes blocks of one model.
     *
     * @param backend where to compute
     * @param model the original
     * @param quantization how it is quantized; its seed also decides the order of the windows
     * @param tuning how to tune
     */
    public BlockTuner(
            ComputeBackend backend, ModelDirectory model, QuantizationScheme quantization, TuningConfig tuning) {
        this.backend = backend;
        this.model = model;
        this.quantization = quantization;
        this.tuning = tuning;
    }

    /**
     * What to tune.
     *
     * @param group the group that was quantized last
     * @param groups files of all quantized groups of the block so far, that one included
     * @param overlays the overlay of the block so far; none before the first
     * @param inputs {@link ActivationFiles} of all windows at the block's boundary
     * @param targets those at the next boundary
     */
    public record Task(
            LinearGroup group, List<Path> groups, List<Path> overlays, List<Path> inputs, List<Path> targets) {

        public Task {
            groups = List.copyOf(groups);
            overlays = List.copyOf(overlays);
            inputs = List.copyOf(inputs);
            targets = List.copyOf(targets);
        }
    }

    /**
     * Tunes a block.
     *
     * @param task what
     * @param overlay the file to write: the tuned tensors under their names in a checkpoint, F32, and the report
     * @param checkpoints where to keep how far it has come
     * @param progress hears of every step
     */
    public TuningReport tune(Task task, Path overlay, TuningCheckpoints checkpoints, Progress progress) {
        try (ActivationSet inputs = ActivationSet.open(task.inputs);
                ActivationSet targets = ActivationSet.open(task.targets);
                TrainingSource source = TrainingSource.open(model, quantization, task.groups, task.overlays)) {
            int tokens = tuning.blocks().batch() * inputs.length();
            try (Workspace workspace = backend.workspace();
                    BlockTraining block = BlockTraining.load(backend, source, task.group.block(), tokens)) {
                Matrix target = workspace.matrix(tokens, model.config().hidden());
                TrainingLoop.Plan plan = new TrainingLoop.Plan(
                        task.group.path(),
                        quantization.seed(),
                        tuning.blocks(),
                        tuning.patience(),
                        WindowSplit.of(quantization.seed(), inputs.windows(), tuning.validation()));
                TuningReport report = new TrainingLoop(
                                backend, plan, new ToOriginal(block, inputs, targets, target), checkpoints, progress)
                        .run();
                SafetensorsWriter.write(overlay, report.asMetadata(), block.tensors());
                return report;
            }
        }
    }

    /** The mean squared difference from the output of the original block. */
    private final class ToOriginal implements Objective {

        private final BlockTraining block;
        private final ActivationSet inputs;
        private final ActivationSet targets;
        private final Matrix target;

        private ToOriginal(BlockTraining block, ActivationSet inputs, ActivationSet targets, Matrix target) {
            this.block = block;
            this.inputs = inputs;
            this.targets = targets;
            this.target = target;
        }

        @Override
        public List<Parameter> parameters() {
            return block.parameters();
        }

        @Override
        public void addGradients(List<Integer> batch, int windows) {
            block.squaredError(read(batch), batch.size(), (float) (1 / (windows * elements())));
        }

        @Override
        public double loss(List<Integer> batch) {
            return block.squaredError(read(batch), batch.size()) / elements();
        }

        private Matrix read(List<Integer> batch) {
            int tokens = batch.size() * inputs.length();
            inputs.read(backend, batch, block.input(tokens));
            targets.read(backend, batch, target.rows(0, tokens));
            return target.rows(0, tokens);
        }

        private double elements() {
            return (double) inputs.length() * target.columns();
        }
    }
}
