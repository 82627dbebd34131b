package dev.quipforge.llm.pipeline;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.architecture.LinearGroup;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.config.TuningConfig;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.pipeline.LocalQuantization.Stage;
import dev.quipforge.llm.quantization.GroupQuantizer;
import dev.quipforge.llm.quantization.GroupReport;
import dev.quipforge.llm.quantization.QuantizedGroup;
import dev.quipforge.llm.tuning.BlockTuner;
import dev.quipforge.llm.tuning.ModelTuner;
import dev.quipforge.llm.tuning.TuningCheckpoints;
import dev.quipforge.llm.tuning.TuningReport;
import dev.quipforge.llm.weights.Overlay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Quantizes all groups in order and tunes each block after each of its groups, the model after all of them, as asked for. */
final class GroupSequence {

    /** What a token costs in tuning a model, in units of what it costs in tuning each of its blocks once. */
    private static final double MODEL_COST = 1.5;

    private final ComputeBackend backend;
    private final ModelDirectory model;
    private final QuantizationScheme scheme;
    private final TuningConfig tuning;
    private final WorkFiles files;
    private final List<GroupReport> groups = new ArrayList<>();
    private final List<TuningReport> tunings = new ArrayList<>();

    GroupSequence(
            ComputeBackend backend,
            ModelDirectory model,
            LocalQuantization.Request request,
            QuantizationScheme scheme,
            WorkFiles files) {
        this.backend = backend;
        this.model = model;
        this.scheme = scheme;
        this.tuning = request.tuning();
        this.files = files;
    }

    /** One report a group. */
    List<GroupReport> groups() {
        return groups;
    }

    /** One report a training. */
    List<TuningReport> tunings() {
        return tunings;
    }

    /** The files of all groups. */
    List<Path> files() {
        return model.linearGroups().stream().map(files::group).toList();
    }

    /** What tuning changed, for the assembler. */
    List<Path> overlays() {
        return tuning.mode().endToEnd() ? List.of(files.overlay()) : blockOverlays();
    }

    private List<Path> blockOverlays() {
        List<LinearGroup> all = model.linearGroups();
        return all.stream()
                .filter(_ -> tuning.mode().blocks())
                .filter(group -> group.equals(last(all, group.block())))
                .map(files::overlay)
                .toList();
    }

    private static LinearGroup last(List<LinearGroup> all, int block) {
        return all.stream()
                .filter(group -> group.block() == block)
                .reduce((_, later) -> later)
                .orElseThrow();
    }

    /** Does all of it; the times of both stages are put into {@code seconds}. */
    void run(LocalQuantization.StageListener listener, Map<Stage, Double> seconds) {
        Progress quantize = listener.begin(Stage.QUANTIZE);
        Progress tune = tuning.mode().blocks() ? listener.begin(Stage.TUNE) : Progress.NONE;
        long total =
                model.linearGroups().stream().mapToLong(LinearGroup::weights).sum();
        long done = 0;
        for (LinearGroup group : model.linearGroups()) {
            double from = (double) done / total;
            done += group.weights();
            double to = (double) done / total;
            timed(Stage.QUANTIZE, seconds, () -> quantize(group, named(quantize, from, to, group)));
            if (tuning.mode().blocks()) {
                timed(Stage.TUNE, seconds, () -> tune(group, blockPart(tune)));
            }
        }
        if (tuning.mode().endToEnd()) {
            timed(Stage.TUNE, seconds, () -> tuneModel(tune.part(blockShare(), 1)));
        }
    }

    private static Progress named(Progress progress, double from, double to, LinearGroup group) {
        return (fraction, detail) -> progress.update(from + (to - from) * fraction, group.path() + ": " + detail);
    }

    private static void timed(Stage stage, Map<Stage, Double> seconds, Runnable work) {
        long start = System.nanoTime();
        work.run();
        seconds.merge(stage, (System.nanoTime() - start) / 1e9, Double::sum);
    }

    private Progress blockPart(Progress progress) {
        int all = model.linearGroups().size();
        double share = blockShare();
        return progress.part(share * tunings.size() / all, share * (tunings.size() + 1) / all);
    }

    /** Part of the time of tuning that goes into blocks. */
    private double blockShare() {
        if (!tuning.mode().endToEnd()) {
            return 1;
        }
        double groupsOfBlock =
                (double) model.linearGroups().size() / model.config().blocks();
        double blocks = groupsOfBlock * Math.max(1, tuning.blocks().epochs());
        return blocks / (blocks + MODEL_COST * tuning.endToEnd().epochs());
    }

    private void quantize(LinearGroup group, Progress progress) {
        try (Overlay overlay = Overlay.open(overlaysSoFar(group))) {
            QuantizedGroup quantized = new GroupQuantizer(backend, scheme.forGroup(group))
                    .quantize(model, overlay, group, files.hessian(group), progress);
            quantized.write(files.group(group));
            groups.add(quantized.report());
        }
    }

    private void tune(LinearGroup group, Progress progress) {
        List<Path> soFar = sameBlockUpTo(group).stream().map(files::group).toList();
        BlockTuner.Task task = new BlockTuner.Task(
                group,
                soFar,
                overlaysSoFar(group),
                files.activations(group.block()),
                files.activations(group.block() + 1));
        tunings.add(new BlockTuner(backend, model, scheme, tuning)
                .tune(task, files.overlay(group), TuningCheckpoints.NONE, progress));
        deleteAll(task.overlays());
    }

    /** Overlays that the next one of their block has taken the place of. */
    private static void deleteAll(List<Path> overlays) {
        try {
            for (Path overlay : overlays) {
                Files.delete(overlay);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The overlay of the block before {@code group} was quantized; none for its first group. */
    private List<Path> overlaysSoFar(LinearGroup group) {
        List<LinearGroup> before = sameBlockUpTo(group);
        boolean first = before.size() == 1 || !tuning.mode().blocks();
        return first ? List.of() : List.of(files.overlay(before.get(before.size() - 2)));
    }

    private List<LinearGroup> sameBlockUpTo(LinearGroup group) {
        List<LinearGroup> all = model.linearGroups();
        return all.subList(0, all.indexOf(group) + 1).stream()
                .filter(other -> other.block() == group.block())
                .toList();
    }

    private void tuneModel(Progress progress) {
        ModelTuner.Task task = new ModelTuner.Task(
                files(),
                blockOverlays(),
                files.windows(),
                files.activations(model.config().blocks()));
        tunings.add(new ModelTuner(backend, model, scheme, tuning)
                .tune(task, files.overlay(), TuningCheckpoints.NONE, progress));
    }
}
