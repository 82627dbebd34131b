package dev.quipforge.llm.testing;

import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackends;
import dev.quipforge.engine.compute.Matrix;
import dev.quipforge.engine.compute.Workspace;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.architecture.LinearGroup;
import dev.quipforge.llm.calibration.CalibrationWindows;
import dev.quipforge.llm.calibration.HessianCollector;
import dev.quipforge.llm.calibration.HessianFiles;
import dev.quipforge.llm.calibration.HessianReducer;
import dev.quipforge.llm.config.QuantizationCode;
import dev.quipforge.llm.config.QuantizationConfig;
import dev.quipforge.llm.config.QuantizationScheme;
import dev.quipforge.llm.model.ModelDirectory;
import dev.quipforge.llm.quantization.GroupQuantizer;
import dev.quipforge.llm.rows.WeightLoader;
import dev.quipforge.llm.safetensors.SafetensorsFile;
import dev.quipforge.llm.tuning.ActivationCollector;
import dev.quipforge.llm.tuning.ActivationFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A tiny model with everything that tuning it takes: calibration windows, activations in two shards, Hessians, quantized
 * groups.
 *
 * @param directory holds all of it
 * @param scheme how it is quantized
 * @param windows the calibration windows
 */
public record QuantizedModels(Path directory, QuantizationScheme scheme, CalibrationWindows windows) {

    private static final int CONTEXT = 16;

    /** Makes one in {@code directory}: QuIP at 2 bits, {@code samples} windows of 16 tokens. */
    public static QuantizedModels make(Path directory, int samples) {
        return make(directory, samples, TestModels.config(), QuantizationConfig.of(QuantizationCode.UNIFORM, 2, 5));
    }

    /** One of HYB at 2 bits, whose MLP is not of whole tiles. */
    public static QuantizedModels hybrid(Path directory, int samples) {
        Map<String, Object> fields = TestModels.config();
        fields.put("intermediate_size", 72);
        return make(directory, samples, fields, QuantizationConfig.of(QuantizationCode.HYB, 2, 5));
    }

    private static QuantizedModels make(
            Path directory, int samples, Map<String, Object> fields, QuantizationConfig config) {
        TestModels.write(directory.resolve("model"), fields, 7);
        try (ComputeBackend backend = ComputeBackends.named("vector");
                ModelDirectory model = ModelDirectory.open(directory.resolve("model"))) {
            QuantizedModels made = new QuantizedModels(
                    directory,
                    QuantizationScheme.uniform(config),
                    CalibrationWindows.cut(model.tokenizer(), TestModels.text(samples * CONTEXT, 3), samples, CONTEXT));
            made.calibrate(backend, model);
            GroupQuantizer quantizer = new GroupQuantizer(backend, config);
            for (LinearGroup group : model.linearGroups()) {
                quantizer
                        .quantize(model, group, made.hessian(group), Progress.NONE)
                        .write(made.group(group));
            }
            return made;
        }
    }

    private void calibrate(ComputeBackend backend, ModelDirectory model) {
        Path sums = directory.resolve("sums");
        new HessianCollector(backend, model).collect(windows, 0, windows.samples(), sums, Progress.NONE);
        for (LinearGroup group : model.linearGroups()) {
            HessianReducer.reduce(List.of(HessianFiles.path(sums, group)), List.of(), hessian(group));
        }
        ActivationCollector collector = new ActivationCollector(backend, model);
        int middle = windows.samples() / 2;
        collector.collect(windows, 0, middle, directory.resolve("activations"), Progress.NONE);
        collector.collect(windows, middle, windows.samples(), directory.resolve("activations"), Progress.NONE);
    }

    /** Opens the original. */
    public ModelDirectory open() {
        return ModelDirectory.open(directory.resolve("model"));
    }

    /** The activations of one boundary, in two files. */
    public List<Path> activations(int boundary) {
        int middle = windows.samples() / 2;
        return List.of(
                ActivationFiles.path(directory.resolve("activations"), boundary, 0, middle),
                ActivationFiles.path(directory.resolve("activations"), boundary, middle, windows.samples()));
    }

    /** The last hidden states of the first {@code count} windows, [count · 16 × hidden]. */
    public Matrix finals(ComputeBackend backend, Workspace workspace, int count) {
        try (ModelDirectory model = open();
                SafetensorsFile file = SafetensorsFile.open(
                        activations(model.config().blocks()).getFirst())) {
            return WeightLoader.load(backend, workspace, file.tensor("hidden")).rows(0, count * CONTEXT);
        }
    }

    /** The Hessian of a group. */
    public Path hessian(LinearGroup group) {
        return HessianFiles.path(directory.resolve("hessians"), group);
    }

    /** The file of a quantized group. */
    public Path group(LinearGroup group) {
        return HessianFiles.path(directory.resolve("groups"), group);
    }

    /** The files of the first {@code count} groups of a block. */
    public List<Path> groups(ModelDirectory model, int block, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> group(model.linearGroups().get(4 * block + i)))
                .toList();
    }

    /** The files of all groups. */
    public List<Path> groups(ModelDirectory model) {
        return model.linearGroups().stream().map(this::group).toList();
    }
}
