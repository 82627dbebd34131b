package dev.quipforge.llm.pipeline;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.architecture.LinearGroup;
import dev.quipforge.llm.calibration.CalibrationSource;
import dev.quipforge.llm.calibration.CalibrationWindows;
import dev.quipforge.llm.calibration.HessianCollector;
import dev.quipforge.llm.calibration.HessianReducer;
import dev.quipforge.llm.checkpoint.CheckpointAssembler;
import dev.quipforge.llm.checkpoint.Checksums;
import dev.quipforge.llm.checkpoint.ModelCard;
import dev.quipforge.llm.checkpoint.ModelFigures;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.config.TuningConfig;
import dev.quipforge.llm.file.AtomicFile;
import dev.quipforge.llm.file.FreeSpace;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.quantization.GroupReport;
import dev.quipforge.llm.tuning.ActivationCollector;
import dev.quipforge.llm.tuning.TuningReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A whole quantization in this process: check, calibrate, quantize, tune, assemble. Shards, batches and order are those of the
 * services, so that the weights are the same to the byte.
 */
public final class LocalQuantization {

    private final ComputeBackend backend;
    private final Request request;
    private final StageListener listener;
    private final Map<Stage, Double> seconds = new EnumMap<>(Stage.class);

    /** The stages, in order; the groups of a model are quantized and tuned in turns. */
    public enum Stage {
        /** The model is checked; the calibration text is cut into windows, or the model writes them. */
        INTAKE,
        /** The model runs on the windows; Hessians are summed. */
        CALIBRATE,
        /** The linears are quantized, group by group. */
        QUANTIZE,
        /** What was quantized is tuned: each block after each of its groups, then the whole model. Begins only if asked for. */
        TUNE,
        /** The checkpoint is written. */
        ASSEMBLE
    }

    /** Hears of the stages. */
    @FunctionalInterface
    public interface StageListener {

        /** Hears nothing. */
        StageListener NONE = stage -> Progress.NONE;

        /** A stage begins; what is returned hears how it goes. */
        Progress begin(Stage stage);
    }

    /**
     * What to do.
     *
     * @param model a Hugging Face directory of a dense model
     * @param output the directory to make; absent or empty
     * @param calibration where the calibration windows come from
     * @param scheme how to quantize
     * @param tuning what to tune afterwards, and how
     */
    public record Request(
            Path model, Path output, CalibrationSource calibration, QuantizationScheme scheme, TuningConfig tuning) {

        /** Without tuning. */
        public Request(Path model, Path output, CalibrationSource calibration, QuantizationScheme scheme) {
            this(model, output, calibration, scheme, TuningConfig.none());
        }
    }

    /**
     * What came out.
     *
     * @param output the checkpoint
     * @param groups one report a group
     * @param tunings one report a training, in order
     * @param figures sizes and losses
     * @param encodeWeightsPerSecond weights per second of the time in the trellis encoder
     * @param peakMemoryBytes the most memory the backend held at once
     * @param seconds time of every stage
     */
    public record Result(
            Path output,
            List<GroupReport> groups,
            List<TuningReport> tunings,
            ModelFigures figures,
            double encodeWeightsPerSecond,
            long peakMemoryBytes,
            Map<Stage, Double> seconds) {

        public Result {
            groups = List.copyOf(groups);
            tunings = List.copyOf(tunings);
            seconds = Map.copyOf(seconds);
        }
    }

    private LocalQuantization(ComputeBackend backend, Request request, StageListener listener) {
        this.backend = backend;
        this.request = request;
        this.listener = listener;
    }

    /**
     * Quantizes a model.
     *
     * @throws dev.quipforge.llm.InvalidModelException when the model, the text or a setting is wrong
     * @throws IllegalArgumentException when the output directory holds something
     * @throws dev.quipforge.llm.file.DiskSpaceException when its disk has less free than {@link ScratchNeed} says
     */
    public static Result run(ComputeBackend backend, Request request, StageListener listener) {
        return new LocalQuantization(backend, request, listener).run();
    }

    private Result run() {
        AtomicFile.requireEmpty(request.output);
        List<Result> result = new ArrayList<>();
        AtomicFile.writeDirectory(request.output, draft -> {
            Path work = draft.resolveSibling(draft.getFileName() + "-work");
            try {
                result.add(run(draft, work));
            } finally {
                AtomicFile.deleteTree(work);
            }
        });
        return result.getFirst();
    }

    private Result run(Path draft, Path work) throws IOException {
        long start = System.nanoTime();
        Progress intake = listener.begin(Stage.INTAKE);
        try (ModelDirectory model = ModelDirectory.open(request.model)) {
            QuantizationScheme scheme = request.scheme.resolved(model.linearGroups());
            if (request.calibration instanceof CalibrationSource.SelfGenerated asked) {
                requireScratch(model, work, asked.samples(), asked.context(), scheme);
            }
            model.checkFinite(intake);
            CalibrationWindows windows = request.calibration.windows(backend, model, intake);
            requireScratch(model, work, windows.samples(), windows.context(), scheme);
            start = ended(Stage.INTAKE, start);
            WorkFiles files = new WorkFiles(work, windows);
            calibrate(model, files, listener.begin(Stage.CALIBRATE));
            ended(Stage.CALIBRATE, start);
            GroupSequence sequence = new GroupSequence(backend, model, request, scheme, files);
            sequence.run(listener, seconds);
            start = System.nanoTime();
            ModelFigures figures = assemble(model, scheme, sequence, draft, listener.begin(Stage.ASSEMBLE));
            ended(Stage.ASSEMBLE, start);
            List<GroupReport> reports = sequence.groups();
            double encodeSeconds =
                    reports.stream().mapToDouble(GroupReport::encodeSeconds).sum();
            long weights = reports.stream().mapToLong(GroupReport::weights).sum();
            return new Result(
                    request.output,
                    reports,
                    sequence.tunings(),
                    figures,
                    weights / encodeSeconds,
                    backend.peakBytes(),
                    seconds);
        }
    }

    private void requireScratch(ModelDirectory model, Path work, int samples, int context, QuantizationScheme scheme) {
        long need = new ScratchNeed(model.config().architecture())
                .quantization(samples, context, scheme, request.tuning.mode());
        Path directory = work.toAbsolutePath().getParent();
        FreeSpace.requireFree(directory == null ? work : directory, need, "quantizing " + model.name());
    }

    private long ended(Stage stage, long start) {
        long now = System.nanoTime();
        seconds.put(stage, (now - start) / 1e9);
        return now;
    }

    private void calibrate(ModelDirectory model, WorkFiles files, Progress progress) throws IOException {
        boolean tuned = request.tuning.mode().blocks();
        HessianCollector hessians = new HessianCollector(backend, model);
        ActivationCollector activations = new ActivationCollector(backend, model);
        CalibrationWindows windows = files.windows();
        for (WorkFiles.Shard shard : files.shards()) {
            Progress part =
                    progress.part((double) shard.from() / windows.samples(), (double) shard.to() / windows.samples());
            Progress sums = tuned ? part.part(0, 0.5) : part;
            hessians.collect(windows, shard.from(), shard.to(), files.sums(shard), sums);
            if (tuned) {
                activations.collect(windows, shard.from(), shard.to(), files.activations(), part.part(0.5, 1));
            }
        }
        for (LinearGroup group : model.linearGroups()) {
            HessianReducer.reduce(files.sums(group), files.pools(group), files.hessian(group));
            for (Path sums : files.sums(group)) {
                Files.delete(sums);
            }
        }
        AtomicFile.deleteTree(files.sums());
    }

    private ModelFigures assemble(
            ModelDirectory model, QuantizationScheme scheme, GroupSequence sequence, Path draft, Progress progress) {
        progress.update(0, "writing the checkpoint");
        long bytes = CheckpointAssembler.assemble(model, sequence.files(), sequence.overlays(), scheme, draft);
        ModelFigures figures = ModelFigures.of(
                model.weightBytes(),
                bytes,
                model.parameters(),
                sequence.groups().stream()
                        .flatMap(report -> report.linears().stream())
                        .toList(),
                Optional.empty());
        ModelCard.write(draft, model.name(), scheme, request.tuning.mode(), figures);
        Checksums.write(draft);
        progress.update(1, "the checkpoint is complete");
        return figures;
    }
}
