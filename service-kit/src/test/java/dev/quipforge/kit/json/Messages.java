package dev.quipforge.kit.json;

import dev.quipforge.contracts.Activations;
import dev.quipforge.contracts.AssembleModel;
import dev.quipforge.contracts.CalibrateShard;
import dev.quipforge.contracts.CaptureActivations;
import dev.quipforge.contracts.EvaluateModel;
import dev.quipforge.contracts.Evaluation;
import dev.quipforge.contracts.Failure;
import dev.quipforge.contracts.Figures;
import dev.quipforge.contracts.GenerateWindows;
import dev.quipforge.contracts.GroupFiles;
import dev.quipforge.contracts.ImportModel;
import dev.quipforge.contracts.Incoherence;
import dev.quipforge.contracts.JobControl;
import dev.quipforge.contracts.JoinWindows;
import dev.quipforge.contracts.PublishModel;
import dev.quipforge.contracts.QuantizationRecipe;
import dev.quipforge.contracts.QuantizeGroup;
import dev.quipforge.contracts.ReduceHessians;
import dev.quipforge.contracts.Task;
import dev.quipforge.contracts.TaskCommand;
import dev.quipforge.contracts.TaskEvent;
import dev.quipforge.contracts.TaskResult;
import dev.quipforge.contracts.TuneBlock;
import dev.quipforge.contracts.TuneModel;
import dev.quipforge.contracts.TuningFigures;
import dev.quipforge.contracts.TuningRecipe;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;

/** One of every message, with a value in every component. */
final class Messages {

    private static final UUID JOB = UUID.fromString("00000000-0000-4000-8000-000000000001");
    private static final UUID TASK = UUID.fromString("00000000-0000-4000-8000-000000000002");
    private static final Instant AT = Instant.parse("2026-01-02T03:04:05.678Z");
    private static final QuantizationRecipe RECIPE =
            new QuantizationRecipe("qtip", "3inst", 2, "seam", "ldlq", "hadamard", 0, 42);
    private static final Evaluation EVALUATION = new Evaluation(19.09, 36.1, 0.61, 0.55, 100_000, 196, 512, 1);
    private static final TuningRecipe TUNING = new TuningRecipe(
            "blocks+end-to-end",
            "fast",
            new TuningRecipe.Schedule(3e-4, 1e-4, 4, 8, 2, 0.05, 0.1),
            new TuningRecipe.Schedule(null, null, 8, null, null, null, null),
            0.125,
            3);
    private static final Activations ACTIVATIONS = new Activations("activations/a", List.of("0-64", "64-100"));
    private static final TuningFigures TUNED =
            new TuningFigures("3/mlp-in", 0.5, 0.25, List.of(0.375, 0.25), 224, 32, 61.5);
    private static final GroupFiles FILES =
            new GroupFiles("quantized/q", Map.of("quantized/r", List.of("0/mlp-in", "3/mlp-in")));
    private static final String WORKER = "calibration-1";

    private Messages() {}

    /** Every message; the golden file has the name of the innermost variable type. */
    static Stream<Record> all() {
        return Stream.of(tasks().map(Messages::command), events(), results().map(Messages::succeeded), other())
                .flatMap(part -> part)
                .map(Record.class::cast);
    }

    static Stream<Task> tasks() {
        return Stream.of(
                new ImportModel(
                        "/models/demo",
                        new ImportModel.CalibrationSource("/texts/c.txt", 256, 512),
                        null,
                        List.of("*/mlp-down")),
                new GenerateWindows("models/d", 64, 100, 512, 42, "windows/w/64-100.safetensors"),
                new JoinWindows(
                        List.of("windows/w/0-64.safetensors", "windows/w/64-100.safetensors"),
                        "calibration/c/tokens.safetensors"),
                new CalibrateShard(
                        "models/d",
                        "calibration/c/tokens.safetensors",
                        0,
                        32,
                        "calibration/c/shards/0-32",
                        "calibration/c"),
                new ReduceHessians(
                        3, List.of("attention-in", "mlp-down"), List.of("calibration/c/shards/0-32"), "calibration/c"),
                new CaptureActivations("models/d", "calibration/c/tokens.safetensors", 0, 64, "activations/a"),
                new QuantizeGroup(
                        "models/d",
                        3,
                        "mlp-in",
                        "calibration/c/3/mlp-in.safetensors",
                        "tuned/t/3/attention-out.safetensors",
                        RECIPE,
                        "quantized/q/3/mlp-in.safetensors"),
                new TuneBlock(
                        "models/d",
                        3,
                        "mlp-in",
                        List.of("quantized/q/3/attention-in.safetensors", "quantized/q/3/mlp-in.safetensors"),
                        "tuned/t/3/attention-in.safetensors",
                        ACTIVATIONS,
                        RECIPE,
                        TUNING,
                        "tuned/t/3/mlp-in.safetensors"),
                new TuneModel(
                        "models/d",
                        List.of("quantized/q/3/mlp-in.safetensors"),
                        List.of("tuned/t/3/mlp-down.safetensors"),
                        "calibration/c/tokens.safetensors",
                        ACTIVATIONS,
                        RECIPE,
                        TUNING,
                        "tuned/e/model.safetensors",
                        FILES),
                new AssembleModel(
                        "models/d",
                        List.of("quantized/q/3/mlp-in.safetensors"),
                        List.of("tuned/e/model.safetensors"),
                        RECIPE.withOverrides(new TreeMap<>(Map.of("*/mlp-down", RECIPE.with("e8p", 4)))),
                        "checkpoints/k",
                        FILES),
                new EvaluateModel("models/d", "checkpoints/k", "texts/t.txt", 512, "evaluations/e.json"),
                new PublishModel(
                        "checkpoints/k",
                        "demo",
                        RECIPE,
                        TUNING,
                        new Figures(EVALUATION, 100, 20, 8L, 50L, 2.02, 0.0342)));
    }

    static Stream<TaskResult> results() {
        return Stream.of(
                new TaskResult.ModelImported(
                        "d",
                        "models/d",
                        "demo",
                        1000,
                        2000,
                        List.of(new TaskResult.LinearGroup(0, "attention-in", List.of("q_proj", "k_proj"), 500)),
                        List.of(new TaskResult.BlockRange(
                                0, 2, List.of(new TaskResult.GroupSize("experts-0-63", 12_288)))),
                        "calibration/c/tokens.safetensors",
                        256,
                        512,
                        null),
                new TaskResult.WindowsGenerated("windows/w/64-100.safetensors", 18_432),
                new TaskResult.WindowsJoined("calibration/c/tokens.safetensors", 100),
                new TaskResult.ShardCalibrated("calibration/c/shards/0-32", 16_384),
                new TaskResult.HessiansReduced("calibration/c", 3, 131_072),
                new TaskResult.GroupQuantized(
                        "quantized/q/3/mlp-in.safetensors",
                        List.of(new TaskResult.QuantizedLinear(
                                "model.layers.3.mlp.up_proj",
                                100,
                                204,
                                0.0342,
                                0.01,
                                new Incoherence(new Incoherence.Mu(40, 5, 33.1), new Incoherence.Mu(12, 3.5, 5.4)),
                                "why it is kept",
                                17,
                                4096L,
                                0.25)),
                        1.5),
                new TaskResult.ActivationsCaptured("activations/a", 9, 32_768),
                new TaskResult.BlockTuned("tuned/t/3/mlp-in.safetensors", 3, "mlp-in", TUNED),
                new TaskResult.ModelTuned("tuned/e/model.safetensors", TUNED),
                new TaskResult.ModelAssembled("checkpoints/k", 12_345),
                new TaskResult.ModelEvaluated("evaluations/e.json", EVALUATION),
                new TaskResult.ModelPublished("checkpoints/k", 8, 23_456));
    }

    static Stream<TaskEvent> events() {
        return Stream.of(
                new TaskEvent.TaskStarted(JOB, TASK, 1, WORKER, AT),
                new TaskEvent.TaskProgressed(JOB, TASK, 1, WORKER, AT, 0.25, "window 8 of 32"),
                new TaskEvent.TaskFailed(
                        JOB,
                        TASK,
                        2,
                        WORKER,
                        AT,
                        new Failure(Failure.Code.INVALID_INPUT, "config.json", "hidden_size: -1 (expected: > 0)")),
                new TaskEvent.TaskCancelled(JOB, TASK, 1, WORKER, AT));
    }

    private static Stream<JobControl> other() {
        return Stream.of(new JobControl(JOB));
    }

    private static TaskCommand command(Task task) {
        return new TaskCommand(JOB, TASK, 1, task);
    }

    private static TaskEvent succeeded(TaskResult result) {
        return new TaskEvent.TaskSucceeded(JOB, TASK, 1, WORKER, AT, result, 2.5);
    }
}
