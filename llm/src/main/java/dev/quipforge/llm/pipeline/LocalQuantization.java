package dev.quipforge.llm.pipeline;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.calibration.CalibrationWindows;
import dev.quipforge.llm.calibration.HessianCollector;
import dev.quipforge.llm.calibration.HessianFiles;
import dev.quipforge.llm.calibration.HessianReducer;
import dev.quipforge.llm.checkpoint.CheckpointAssembler;
import dev.quipforge.llm.checkpoint.Checksums;
import dev.quipforge.llm.checkpoint.ModelCard;
import dev.quipforge.llm.checkpoint.ModelFigures;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.file.AtomicFile;
import dev.quipforge.llm.model.LinearGroup;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.quantization.GroupQuantizer;
import dev.quipforge.llm.quantization.GroupReport;
import dev.quipforge.llm.quantization.QuantizedGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A whole quantization in this process: check, calibrate, quantize, assemble. Shards, batches and order are those of the
 * services, so that the weights are the same to the byte.
 */
public final class LocalQuantization {

    private final ComputeBackend backend;
    private final Request request;
    private final StageListener listener;
    private final Map<Stage, Double> seconds = new EnumMap<>(Stage.class);

    /** The stages, in order. */
    public enum Stage {
        /** The model is checked and the calibration text is cut into windows. */
        INTAKE,
        /** The model runs on the windows; Hessians are summed. */
        CALIBRATE,
        /** The linears are quantized, group by group. */
        QUANTIZE,
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
     * @param calibrationText the calibration text
     * @param samples windows of it to use, at most
     * @param context tokens of one window
     * @param config how to quantize
     */
    public record Request(
            Path model, Path output, String calibrationText, int samples, int context, QuantizationConfig config) {}

    /**
     * What came out.
     *
     * @param output the checkpoint
     * @param groups one report a group
     * @param figures sizes and losses
     * @param encodeWeightsPerSecond weights per second of the time in the trellis encoder
     * @param peakMemoryBytes the most memory the backend held at once
     * @param seconds time of every stage
     */
    public record Result(
            Path output,
            List<GroupReport> groups,
            ModelFigures figures,
            double encodeWeightsPerSecond,
            long peakMemoryBytes,
            Map<Stage, Double> seconds) {

        public Result {
            groups = List.copyOf(groups);
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
            model.checkFinite(intake);
            CalibrationWindows windows = CalibrationWindows.cut(
                    model.tokenizer(), request.calibrationText, request.samples, request.context);
            start = ended(Stage.INTAKE, start);
            calibrate(model, windows, work, listener.begin(Stage.CALIBRATE));
            start = ended(Stage.CALIBRATE, start);
            List<GroupReport> reports = quantize(model, work, listener.begin(Stage.QUANTIZE));
            start = ended(Stage.QUANTIZE, start);
            ModelFigures figures = assemble(model, work, reports, draft, listener.begin(Stage.ASSEMBLE));
            ended(Stage.ASSEMBLE, start);
            double encodeSeconds =
                    reports.stream().mapToDouble(GroupReport::encodeSeconds).sum();
            long weights = reports.stream().mapToLong(GroupReport::weights).sum();
            return new Result(request.output, reports, figures, weights / encodeSeconds, backend.peakBytes(), seconds);
        }
    }

    private long ended(Stage stage, long start) {
        long now = System.nanoTime();
        seconds.put(stage, (now - start) / 1e9);
        return now;
    }

    private void calibrate(ModelDirectory model, CalibrationWindows windows, Path work, Progress progress)
            throws IOException {
        HessianCollector collector = new HessianCollector(backend, model);
        List<Path> shards = new ArrayList<>();
        int total = windows.samples();
        for (int from = 0; from < total; from += HessianCollector.SHARD_WINDOWS) {
            int to = Math.min(total, from + HessianCollector.SHARD_WINDOWS);
            Path shard = work.resolve("shards").resolve(from + "-" + to);
            collector.collect(windows, from, to, shard, progress.part((double) from / total, (double) to / total));
            shards.add(shard);
        }
        for (LinearGroup group : model.linearGroups()) {
            List<Path> files = shards.stream().map(shard -> file(shard, group)).toList();
            HessianReducer.reduce(files, file(work.resolve("hessians"), group));
        }
        AtomicFile.deleteTree(work.resolve("shards"));
    }

    private List<GroupReport> quantize(ModelDirectory model, Path work, Progress progress) {
        GroupQuantizer quantizer = new GroupQuantizer(backend, request.config);
        List<LinearGroup> groups = model.linearGroups();
        long total = groups.stream().mapToLong(model.layout()::weights).sum();
        long done = 0;
        List<GroupReport> reports = new ArrayList<>();
        for (LinearGroup group : groups) {
            double from = (double) done / total;
            done += model.layout().weights(group);
            double to = (double) done / total;
            Progress part =
                    (fraction, detail) -> progress.update(from + (to - from) * fraction, group.key() + ": " + detail);
            QuantizedGroup quantized = quantizer.quantize(model, group, file(work.resolve("hessians"), group), part);
            quantized.write(file(work.resolve("groups"), group));
            reports.add(quantized.report());
        }
        return reports;
    }

    private ModelFigures assemble(
            ModelDirectory model, Path work, List<GroupReport> reports, Path draft, Progress progress) {
        progress.update(0, "writing the checkpoint");
        List<Path> files = model.linearGroups().stream()
                .map(group -> file(work.resolve("groups"), group))
                .toList();
        long bytes = CheckpointAssembler.assemble(model, files, request.config, draft);
        ModelFigures figures = ModelFigures.of(
                model.weightBytes(),
                bytes,
                reports.stream().flatMap(report -> report.linears().stream()).toList(),
                Optional.empty());
        ModelCard.write(draft, model.name(), request.config, figures);
        Checksums.write(draft);
        progress.update(1, "the checkpoint is complete");
        return figures;
    }

    private static Path file(Path directory, LinearGroup group) {
        return HessianFiles.path(directory, group.block(), group.input());
    }
}
