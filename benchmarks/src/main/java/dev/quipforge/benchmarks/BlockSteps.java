package dev.quipforge.benchmarks;

import dev.quipforge.benchmarks.StepFigures.Step;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.HostMatrix;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.architecture.BlockSpec;
import dev.quipforge.llm.architecture.FeedForwardSpec.Experts;
import dev.quipforge.llm.architecture.InputSpec;
import dev.quipforge.llm.architecture.LinearGroup;
import dev.quipforge.llm.calibration.HessianCollector;
import dev.quipforge.llm.calibration.HessianFiles;
import dev.quipforge.llm.calibration.HessianReducer;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.config.TuningConfig;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.quantization.GroupQuantizer;
import dev.quipforge.llm.quantization.GroupReport;
import dev.quipforge.llm.quantization.QuantizedGroup;
import dev.quipforge.llm.transformer.BlockRunner;
import dev.quipforge.llm.transformer.InputListener;
import dev.quipforge.llm.tuning.BlockTuner;
import dev.quipforge.llm.tuning.TuningCheckpoints;
import dev.quipforge.llm.tuning.TuningReport;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The steps of a quantization for one block after the other, each by the class that does it in a job.
 *
 * @param backend where
 * @param model the original
 * @param work directory of everything written
 * @param config how to quantize
 */
record BlockSteps(ComputeBackend backend, ModelDirectory model, Path work, QuantizationConfig config) {

    private static final double NANO = 1e-9;

    private Path sums() {
        return work.resolve("sums");
    }

    private Path hessian(LinearGroup group) {
        return HessianFiles.path(work.resolve("hessians"), group);
    }

    /** A quantized group. */
    Path codes(LinearGroup group) {
        return HessianFiles.path(work.resolve("groups"), group);
    }

    private BlockSpec spec(int block) {
        return model.config().architecture().blocks().get(block);
    }

    private StepMeter meter() {
        return new StepMeter(backend, work);
    }

    /** Takes the windows of {@code runner} through a block and writes the sums. */
    StepFigures calibrate(BlockRunner runner, int block) throws IOException {
        HessianCollector collector = new HessianCollector(backend, model);
        return meter().measure(Step.CALIBRATION, notes -> {
            HessianCollector.Sink sink = (index, group, sums) -> {
                collector.write(sums, HessianFiles.path(sums(), index, group));
                if (isMixture(block) && !HessianFiles.isOfExperts(group)) {
                    notes.expertsBegin();
                }
            };
            collector.collect(runner, block, sink, Progress.NONE);
        });
    }

    private boolean isMixture(int block) {
        return spec(block).feedForward() instanceof Experts;
    }

    /** Makes the Hessians of a block; its sums go. */
    StepFigures reduce(int block) throws IOException {
        return meter().measure(Step.REDUCTION, notes -> {
            Path pool = HessianFiles.path(sums(), block, HessianFiles.EXPERTS);
            for (LinearGroup group : spec(block).groups()) {
                long start = System.nanoTime();
                boolean experts = HessianFiles.isOfExperts(group.key());
                Path sums = HessianFiles.path(sums(), group);
                HessianReducer.reduce(List.of(sums), experts ? List.of(pool) : List.of(), hessian(group));
                Files.delete(sums);
                notes.addExperts(experts ? (System.nanoTime() - start) * NANO : 0);
            }
            Files.deleteIfExists(pool);
        });
    }

    /** Quantizes all groups of a block; its Hessians go. */
    StepFigures quantize(int block) throws IOException {
        GroupQuantizer quantizer = new GroupQuantizer(backend, config);
        return meter().measure(Step.QUANTIZATION, notes -> {
            for (LinearGroup group : spec(block).groups()) {
                long start = System.nanoTime();
                QuantizedGroup quantized = quantizer.quantize(model, group, hessian(group), Progress.NONE);
                quantized.write(codes(group));
                GroupReport report = quantized.report();
                notes.addEncoder(report.encodeSeconds());
                boolean experts = HessianFiles.isOfExperts(group.key());
                notes.addExperts(experts ? (System.nanoTime() - start) * NANO : 0);
                Files.delete(hessian(group));
            }
        });
    }

    /**
     * Tunes a block after the first of its groups. Of a mixture all of the time counts as the experts', which is too much.
     *
     * @param tuning how
     * @param inputs hidden states before it
     * @param targets those after it
     */
    StepFigures tune(int block, TuningConfig tuning, Path inputs, Path targets) throws IOException {
        LinearGroup first = spec(block).groups().getFirst();
        BlockTuner.Task task =
                new BlockTuner.Task(first, List.of(codes(first)), List.of(), List.of(inputs), List.of(targets));
        Path overlay = work.resolve("overlay-" + block + ".safetensors");
        StepFigures figures = meter().measure(Step.TUNING, notes -> {
            BlockTuner tuner = new BlockTuner(backend, model, QuantizationScheme.uniform(config), tuning);
            TuningReport report = tuner.tune(task, overlay, TuningCheckpoints.NONE, Progress.NONE);
            notes.addExperts(isMixture(block) ? report.seconds() : 0);
        });
        Files.delete(overlay);
        return figures;
    }

    /** Takes the windows of both models through a block. */
    StepFigures evaluate(BlockRunner original, BlockRunner quantized, int block) throws IOException {
        return meter().measure(Step.EVALUATION, notes -> {
            for (BlockRunner runner : List.of(original, quantized)) {
                Halves halves = new Halves(runner, others(block));
                runner.run(block, halves, Progress.NONE);
                await(runner);
                notes.addExperts(isMixture(block) ? (System.nanoTime() - halves.end) * NANO : 0);
            }
        });
    }

    /** What is read beside the experts of a block. */
    private Set<String> others(int block) {
        return spec(block).groups().stream()
                .filter(group -> !HessianFiles.isOfExperts(group.key()))
                .flatMap(group -> group.inputs().stream())
                .map(InputSpec::key)
                .collect(Collectors.toSet());
    }

    /** Sees when everything but the experts is done. */
    private final class Halves implements InputListener {

        private final BlockRunner runner;
        private final Set<String> others;
        private long end = System.nanoTime();

        Halves(BlockRunner runner, Set<String> others) {
            this.runner = runner;
            this.others = others;
        }

        @Override
        public void reads(InputSpec input, Matrix activation) {
            // the sums are not needed
        }

        @Override
        public void complete(InputSpec input) {
            if (others.contains(input.key())) {
                await(runner);
                end = System.nanoTime();
            }
        }
    }

    /** Waits for the device. */
    private void await(BlockRunner runner) {
        Matrix corner = runner.hidden().rows(0, 1).columns(0, 1);
        try (Arena arena = Arena.ofConfined()) {
            backend.download(corner, HostMatrix.allocate(arena, 1, 1));
        }
    }
}
