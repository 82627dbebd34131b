package dev.quipforge.gateway;

import dev.quipforge.contracts.AssembleModel;
import dev.quipforge.contracts.CalibrateShard;
import dev.quipforge.contracts.CaptureActivations;
import dev.quipforge.contracts.EvaluateModel;
import dev.quipforge.contracts.Evaluation;
import dev.quipforge.contracts.GenerateWindows;
import dev.quipforge.contracts.ImportModel;
import dev.quipforge.contracts.Incoherence;
import dev.quipforge.contracts.JoinWindows;
import dev.quipforge.contracts.PublishModel;
import dev.quipforge.contracts.QuantizeGroup;
import dev.quipforge.contracts.ReduceHessians;
import dev.quipforge.contracts.Task;
import dev.quipforge.contracts.TaskResult;
import dev.quipforge.contracts.TaskResult.QuantizedLinear;
import dev.quipforge.contracts.TuneBlock;
import dev.quipforge.contracts.TuneModel;
import dev.quipforge.contracts.TuningFigures;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What workers answer for a small model: two blocks of four groups, or a hundred, 100 samples; two of each block are of experts in a mixture. */
public final class Answers {

    private static final Incoherence INCOHERENCE = new Incoherence(new Incoherence.Mu(30, 4.5, 28.1), null);

    /** How the directory of a model with experts ends. */
    private static final String MIXTURE = "mixture";

    /** How the directory of a model with a hundred blocks ends. */
    private static final String DEEP = "deep";

    private static final List<String> GROUPS = List.of("attention-in", "attention-out", "mlp-in", "mlp-down");
    private static final List<String> GROUPS_OF_EXPERTS =
            List.of("attention-in", "attention-out", "experts-0-1", "experts-2-3");

    private static final int SAMPLES = 100;
    private static final int CONTEXT = 512;

    private Answers() {}

    /** The result of a task. */
    public static TaskResult result(Task task) {
        return switch (task) {
            case ImportModel imported -> imported(imported);
            case GenerateWindows generate ->
                new TaskResult.WindowsGenerated(
                        generate.output(),
                        (long) (generate.lastSample() - generate.firstSample()) * generate.context());
            case JoinWindows join -> new TaskResult.WindowsJoined(join.output(), SAMPLES);
            case CalibrateShard shard ->
                new TaskResult.ShardCalibrated(
                        shard.output(), (long) (shard.lastSample() - shard.firstSample()) * CONTEXT);
            case ReduceHessians reduce -> new TaskResult.HessiansReduced(reduce.output(), reduce.block(), 51_200);
            case QuantizeGroup group -> quantized(group);
            case CaptureActivations capture ->
                new TaskResult.ActivationsCaptured(
                        capture.output(), 3, (long) (capture.lastSample() - capture.firstSample()) * CONTEXT);
            case TuneBlock tune ->
                new TaskResult.BlockTuned(
                        tune.output(), tune.block(), tune.input(), tuned(tune.block() + "/" + tune.input(), 0.5));
            case TuneModel tune -> new TaskResult.ModelTuned(tune.output(), tuned("model", 0.62));
            case AssembleModel assemble -> new TaskResult.ModelAssembled(assemble.output(), 2_500);
            case EvaluateModel evaluate ->
                new TaskResult.ModelEvaluated(
                        evaluate.output(), new Evaluation(19.09, 36.1, 0.62, 0.71, 5_110, 10, CONTEXT, 1));
            case PublishModel publish -> new TaskResult.ModelPublished(publish.checkpoint(), 2, 2_600);
        };
    }

    private static TaskResult imported(ImportModel task) {
        boolean mixture = task.directory().endsWith(MIXTURE);
        int lastBlock = task.directory().endsWith(DEEP) ? 99 : 1;
        List<TaskResult.GroupSize> groups = (mixture ? GROUPS_OF_EXPERTS : GROUPS)
                .stream().map(group -> new TaskResult.GroupSize(group, 1_000)).toList();
        String digest = mixture ? "d2" : "d1";
        return new TaskResult.ModelImported(
                digest,
                "models/" + digest,
                "demo",
                20_000,
                40_000,
                null,
                List.of(new TaskResult.BlockRange(0, lastBlock, groups)),
                task.calibration().text() == null ? null : "calibration/t1/tokens.safetensors",
                SAMPLES,
                CONTEXT,
                task.evaluationText() == null ? null : "texts/e1.txt");
    }

    private static TuningFigures tuned(String name, double before) {
        return new TuningFigures(name, before, before / 2, List.of(before * 0.75, before / 2, before), 88, 12, 3.5);
    }

    private static TaskResult quantized(QuantizeGroup task) {
        String name = "model.layers.%d.%s".formatted(task.block(), task.input());
        List<QuantizedLinear> linears = task.input().startsWith("experts-")
                ? experts(task.input()).boxed().flatMap(Answers::expert).toList()
                : List.of(linear(name, null, SAMPLES * CONTEXT, 0));
        return new TaskResult.GroupQuantized(task.output(), linears, 0.5);
    }

    private static IntStream experts(String group) {
        String[] parts = group.split("-", -1);
        return IntStream.rangeClosed(Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
    }

    /** Expert 0 saw no token, expert 1 few, and all others more. */
    private static Stream<QuantizedLinear> expert(int expert) {
        double prior = expert == 0 ? 1 : expert == 1 ? 0.25 : 0;
        return Stream.of("gate", "up", "down")
                .map(name -> linear("experts.%d.%s".formatted(expert, name), expert, 100L * expert, prior));
    }

    private static QuantizedLinear linear(String name, @Nullable Integer expert, long tokens, double prior) {
        return new QuantizedLinear(name, 1_000, 2_020, 0.03, 0, INCOHERENCE, null, expert, tokens, prior);
    }
}
