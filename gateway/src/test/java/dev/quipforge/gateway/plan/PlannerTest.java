package dev.quipforge.gateway.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.contracts.Activations;
import dev.quipforge.contracts.AssembleModel;
import dev.quipforge.contracts.CalibrateShard;
import dev.quipforge.contracts.CaptureActivations;
import dev.quipforge.contracts.GenerateWindows;
import dev.quipforge.contracts.ImportModel;
import dev.quipforge.contracts.JoinWindows;
import dev.quipforge.contracts.PublishModel;
import dev.quipforge.contracts.QuantizationRecipe;
import dev.quipforge.contracts.QuantizeGroup;
import dev.quipforge.contracts.ReduceHessians;
import dev.quipforge.contracts.Task;
import dev.quipforge.contracts.TaskResult;
import dev.quipforge.contracts.TaskResult.ModelImported;
import dev.quipforge.contracts.TuneBlock;
import dev.quipforge.contracts.TuneModel;
import dev.quipforge.contracts.TuningRecipe;
import dev.quipforge.gateway.Answers;
import dev.quipforge.gateway.Requests;
import dev.quipforge.gateway.cleanup.Intermediate;
import dev.quipforge.gateway.cleanup.Intermediate.Kind;
import dev.quipforge.gateway.request.JobRequest;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PlannerTest {

    private static final List<List<String>> NAMES =
            Collections.nCopies(2, List.of("attention-in", "attention-out", "mlp-in", "mlp-down"));

    @Test
    void aNewJobIsAnImport() {
        assertThat(Planner.plan(Requests.FULL, Map.of()))
                .extracting(PlannedTask::key)
                .containsExactly("import");
    }

    @Test
    void theImportTellsTheRest() {
        Map<String, Task> commands = run(Requests.FULL);

        assertThat(commands.keySet())
                .containsExactly(
                        "import",
                        "shard/0-64",
                        "shard/64-100",
                        "reduce/0",
                        "reduce/1",
                        "group/0/attention-in",
                        "group/0/attention-out",
                        "group/0/mlp-in",
                        "group/0/mlp-down",
                        "group/1/attention-in",
                        "group/1/attention-out",
                        "group/1/mlp-in",
                        "group/1/mlp-down",
                        "assemble",
                        "evaluate",
                        "publish");
    }

    @Test
    void whatATaskMakesIsWhereTheNextOneLooks() {
        Map<String, Task> commands = run(Requests.FULL);
        CalibrateShard shard = (CalibrateShard) task(commands, "shard/64-100");
        ReduceHessians reduce = (ReduceHessians) task(commands, "reduce/1");
        QuantizeGroup group = (QuantizeGroup) task(commands, "group/1/mlp-in");
        AssembleModel assemble = (AssembleModel) task(commands, "assemble");

        assertThat(shard.lastSample()).isEqualTo(100);
        assertThat(reduce.shards()).hasSize(2).endsWith(shard.output());
        assertThat(shard.output()).isEqualTo(reduce.output() + "/shards/64-100");
        assertThat(reduce.inputs()).containsExactly("attention-in", "attention-out", "mlp-in", "mlp-down");
        assertThat(group.hessian()).isEqualTo(reduce.output() + "/1/mlp-in.safetensors");
        assertThat(assemble.groupKeys(NAMES)).hasSize(8).contains(group.output());
    }

    @Test
    void theCardIsToldTheFigures() {
        PublishModel publish = (PublishModel) task(run(Requests.FULL), "publish");

        assertThat(publish.figures().bitsPerWeight()).isEqualTo(2.02);
        assertThat(publish.figures().meanProxyLoss()).isEqualTo(0.03);
        assertThat(publish.figures().originalBytes()).isEqualTo(40_000);
        assertThat(publish.figures().quantizedBytes()).isEqualTo(2_500);
        assertThat(publish.figures().linearBytes()).isEqualTo(2_020);
        assertThat(publish.figures().parameters()).isEqualTo(20_000);
        assertThat(publish.figures().evaluation()).isNotNull();
    }

    @Test
    void equalWorkHasEqualNamesAndOtherWorkOthers() {
        String same = group(Requests.FULL).output();
        assertThat(group(Requests.UNMEASURED).output()).isEqualTo(same);

        JobRequest.Recipe recipe = Requests.FULL.recipe();
        for (JobRequest.Recipe other : List.of(
                new JobRequest.Recipe(
                        "qtip", "3inst", 3, "seam", "ldlq", "hadamard", 0, 7, null, recipe.calibration(), null),
                new JobRequest.Recipe(
                        "qtip", "3inst", 2, "exact", "ldlq", "hadamard", 0, 7, null, recipe.calibration(), null),
                new JobRequest.Recipe(
                        "qtip", "3inst", 2, "seam", "ldlq", "kronecker", 0, 7, null, recipe.calibration(), null),
                new JobRequest.Recipe(
                        "qtip", "3inst", 2, "seam", "ldlq", "hadamard", 1, 7, null, recipe.calibration(), null),
                new JobRequest.Recipe(
                        "qtip", "3inst", 2, "seam", "ldlq", "hadamard", 0, 8, null, recipe.calibration(), null))) {
            JobRequest request = new JobRequest("demo", Requests.FULL.model(), other, null);
            assertThat(group(request).output()).isNotEqualTo(same);
            assertThat(group(request).hessian()).isEqualTo(group(Requests.FULL).hessian());
        }
    }

    @Test
    void aGroupWithSettingsOfItsOwnHasANameOfItsOwnAndTheOthersKeepTheirs() {
        Map<String, Task> uniform = run(Requests.UNMEASURED);
        Map<String, Task> mixed = run(Requests.overridden(Map.of("*/mlp-down", new JobRequest.CodeChoice("3inst", 4))));
        Map<String, Task> other = run(Requests.overridden(Map.of(
                "0/mlp-down", new JobRequest.CodeChoice("3inst", 4),
                "1/mlp-down", new JobRequest.CodeChoice("e8p", 3))));

        assertThat(((ImportModel) task(mixed, "import")).overrides()).containsExactly("*/mlp-down");
        assertThat(((ImportModel) task(uniform, "import")).overrides()).isNull();
        QuantizeGroup down = (QuantizeGroup) task(mixed, "group/0/mlp-down");
        assertThat(down.recipe().bits()).isEqualTo(4);
        assertThat(down.recipe().overrides()).isNull();
        assertThat(down.output()).isNotEqualTo(keyOf(uniform, "group/0/mlp-down"));
        assertThat(keyOf(mixed, "group/0/mlp-in")).isEqualTo(keyOf(uniform, "group/0/mlp-in"));
        assertThat(keyOf(other, "group/0/mlp-down")).isEqualTo(down.output());
        assertThat(((QuantizeGroup) task(other, "group/1/mlp-down")).recipe())
                .isEqualTo(new QuantizationRecipe("quip-sharp", "e8p", 3, "seam", "ldlq", "hadamard", 10, 7));
        AssembleModel assemble = (AssembleModel) task(mixed, "assemble");
        assertThat(assemble.groupKeys(NAMES)).hasSize(8).contains(down.output(), keyOf(uniform, "group/0/mlp-in"));
        ModelImported imported = (ModelImported) Answers.result(task(mixed, "import"));
        assertThat(prefixes(
                        Requests.overridden(Map.of("*/mlp-down", new JobRequest.CodeChoice("3inst", 4))),
                        imported,
                        Kind.REUSABLE))
                .contains(digest(down.output()), digest(keyOf(uniform, "group/0/mlp-in")));
        assertThat(assemble.recipe().overrides()).isEqualTo(Map.of("*/mlp-down", down.recipe()));
        assertThat(assemble.output())
                .isNotEqualTo(((AssembleModel) task(uniform, "assemble")).output())
                .isNotEqualTo(((AssembleModel) task(other, "assemble")).output());
    }

    private static String keyOf(Map<String, Task> commands, String key) {
        return ((QuantizeGroup) task(commands, key)).output();
    }

    @Test
    void aCheckpointIsNamedByWhatItsCardSays() {
        AssembleModel measured = (AssembleModel) task(run(Requests.FULL), "assemble");
        AssembleModel unmeasured = (AssembleModel) task(run(Requests.UNMEASURED), "assemble");

        assertThat(measured.output()).startsWith("checkpoints/").isNotEqualTo(unmeasured.output());
        assertThat(measured.files()).isNotNull().isEqualTo(unmeasured.files());
    }

    @Test
    void withTuningABlocksGroupsTakeTurnsWithItsTrainings() {
        Map<String, Task> commands = run(Requests.TUNED);

        assertThat(commands.keySet())
                .containsExactly(
                        "import",
                        "shard/0-64",
                        "shard/64-100",
                        "activations/0-64",
                        "activations/64-100",
                        "reduce/0",
                        "reduce/1",
                        "group/0/attention-in",
                        "group/1/attention-in",
                        "tune/0/attention-in",
                        "tune/1/attention-in",
                        "group/0/attention-out",
                        "group/1/attention-out",
                        "tune/0/attention-out",
                        "tune/1/attention-out",
                        "group/0/mlp-in",
                        "group/1/mlp-in",
                        "tune/0/mlp-in",
                        "tune/1/mlp-in",
                        "group/0/mlp-down",
                        "group/1/mlp-down",
                        "tune/0/mlp-down",
                        "tune/1/mlp-down",
                        "assemble",
                        "evaluate",
                        "publish");
        assertThat(run(Requests.TUNED_END_TO_END).keySet())
                .containsSubsequence("tune/1/mlp-down", "tune/model", "assemble");
    }

    @Test
    void aBlockIsNotTunedBeforeTheHiddenStatesAreThere() {
        Map<String, TaskResult> finished = new LinkedHashMap<>();
        for (PlannedTask first : Planner.plan(Requests.TUNED, finished)) {
            finished.put(first.key(), Answers.result(first.command().apply(finished)));
        }
        for (PlannedTask planned : Planner.plan(Requests.TUNED, finished)) {
            if (!planned.key().equals("activations/64-100")) {
                finished.putIfAbsent(planned.key(), Answers.result(new ReduceHessians(0, List.of(), List.of(), "")));
            }
            if (planned.key().equals("group/1/mlp-down")) {
                break;
            }
        }
        finished.keySet().removeIf(key -> key.startsWith("tune/"));

        assertThat(Planner.next(Requests.TUNED, finished))
                .extracting(PlannedTask::key)
                .containsExactly("activations/64-100");
    }

    @Test
    void whatWasTunedIsWhatIsQuantizedNext() {
        Map<String, Task> commands = run(Requests.TUNED_END_TO_END);
        QuantizeGroup first = (QuantizeGroup) task(commands, "group/1/attention-in");
        TuneBlock tuned = (TuneBlock) task(commands, "tune/1/attention-in");
        QuantizeGroup second = (QuantizeGroup) task(commands, "group/1/attention-out");
        TuneBlock again = (TuneBlock) task(commands, "tune/1/attention-out");
        TuneBlock last = (TuneBlock) task(commands, "tune/1/mlp-down");
        TuneModel model = (TuneModel) task(commands, "tune/model");
        AssembleModel assemble = (AssembleModel) task(commands, "assemble");
        CaptureActivations captured = (CaptureActivations) task(commands, "activations/64-100");

        assertThat(first.overlay()).isNull();
        assertThat(tuned.overlay()).isNull();
        assertThat(tuned.groups()).containsExactly(first.output());
        assertThat(tuned.activations()).isEqualTo(new Activations(captured.output(), List.of("0-64", "64-100")));
        assertThat(second.overlay()).isEqualTo(tuned.output());
        assertThat(again.overlay()).isEqualTo(tuned.output());
        assertThat(again.groups()).containsExactly(first.output(), second.output());
        assertThat(last.groups()).hasSize(4);
        assertThat(model.groupKeys(NAMES))
                .hasSize(8)
                .containsSequence(last.groups())
                .isEqualTo(assemble.groupKeys(NAMES));
        assertThat(model.overlays()).hasSize(2).endsWith(last.output());
        assertThat(assemble.overlays()).containsExactly(model.output());
        assertThat(((AssembleModel) task(run(Requests.TUNED), "assemble")).overlays())
                .isEqualTo(model.overlays());
        assertThat(((PublishModel) task(commands, "publish")).tuning())
                .isEqualTo(Requests.TUNED_END_TO_END.recipe().tuning());
    }

    @Test
    void tuningSharesWhatItDoesNotChange() {
        Map<String, Task> untuned = run(Requests.FULL);
        Map<String, Task> blocks = run(Requests.TUNED);
        Map<String, Task> endToEnd = run(Requests.TUNED_END_TO_END);

        assertThat(task(blocks, "group/0/attention-in")).isEqualTo(task(untuned, "group/0/attention-in"));
        assertThat(output(blocks, "group/0/mlp-in")).isNotEqualTo(output(untuned, "group/0/mlp-in"));
        assertThat(output(endToEnd, "group/0/mlp-in")).isEqualTo(output(blocks, "group/0/mlp-in"));
        assertThat(output(endToEnd, "tune/0/mlp-in")).isEqualTo(output(blocks, "tune/0/mlp-in"));
        assertThat(Stream.of(untuned, blocks, endToEnd).map(commands -> output(commands, "assemble")))
                .doesNotHaveDuplicates();
        assertThat(task(endToEnd, "activations/0-64")).isEqualTo(task(blocks, "activations/0-64"));
    }

    @Test
    void everySettingOfATuningNamesItsResults() {
        TuningRecipe.Schedule schedule = new TuningRecipe.Schedule(null, null, 3, null, null, null, null);
        List<Map<String, Task>> others = Stream.of(
                        new TuningRecipe("blocks+end-to-end", "fast", null, null, null, null),
                        new TuningRecipe("blocks+end-to-end", "standard", schedule, null, null, null),
                        new TuningRecipe("blocks+end-to-end", "standard", null, null, 0.5, null),
                        new TuningRecipe("blocks+end-to-end", "standard", null, null, null, 5))
                .map(tuning -> run(Requests.tuned(tuning)))
                .toList();
        Map<String, Task> usual = run(Requests.TUNED_END_TO_END);
        Map<String, Task> longer =
                run(Requests.tuned(new TuningRecipe("blocks+end-to-end", "standard", null, schedule, null, null)));

        assertThat(Stream.concat(Stream.of(usual), others.stream()).map(commands -> output(commands, "tune/0/mlp-in")))
                .doesNotHaveDuplicates();
        assertThat(output(longer, "tune/0/mlp-in")).isEqualTo(output(usual, "tune/0/mlp-in"));
        assertThat(output(longer, "tune/model")).isNotEqualTo(output(usual, "tune/model"));
        assertThat(output(longer, "assemble")).isNotEqualTo(output(usual, "assemble"));
    }

    @Test
    void aModelWritesItsWindowsInRangesBeforeItIsCalibrated() {
        Map<String, Task> commands = run(Requests.selfGenerated(7));
        GenerateWindows generate = (GenerateWindows) task(commands, "windows/64-100");
        JoinWindows join = (JoinWindows) task(commands, "windows");
        CalibrateShard shard = (CalibrateShard) task(commands, "shard/64-100");

        assertThat(commands.keySet())
                .startsWith("import", "windows/0-64", "windows/64-100", "windows", "shard/0-64", "shard/64-100");
        assertThat(((ImportModel) task(commands, "import")).calibration())
                .isEqualTo(new ImportModel.CalibrationSource(null, 100, 512));
        assertThat(generate)
                .isEqualTo(new GenerateWindows(
                        "models/d1", 64, 100, 512, 7, join.parts().getLast()));
        assertThat(join.parts()).hasSize(2).doesNotHaveDuplicates();
        assertThat(shard.tokens()).isEqualTo(join.output());
        assertThat(commands.keySet()).hasSize(run(Requests.FULL).size() + 3);
    }

    @Test
    void tuningLearnsFromTheWindowsThatTheModelWrote() {
        JobRequest request = Requests.tuned(
                Requests.selfGenerated(7), new TuningRecipe("blocks+end-to-end", "standard", null, null, null, null));
        Map<String, Task> commands = run(request);
        String tokens = ((JoinWindows) task(commands, "windows")).output();

        assertThat(((CaptureActivations) task(commands, "activations/0-64")).tokens())
                .isEqualTo(tokens);
        assertThat(((TuneModel) task(commands, "tune/model")).tokens()).isEqualTo(tokens);
    }

    @Test
    void theSeedNamesWhatAModelWrites() {
        Map<String, Task> first = run(Requests.selfGenerated(7));
        Map<String, Task> second = run(Requests.selfGenerated(8));

        assertThat(task(first, "windows/0-64")).isNotEqualTo(task(second, "windows/0-64"));
        assertThat(((JoinWindows) task(first, "windows")).parts())
                .doesNotContainAnyElementsOf(((JoinWindows) task(second, "windows")).parts());
        assertThat(((JoinWindows) task(first, "windows")).output())
                .isNotEqualTo(((JoinWindows) task(second, "windows")).output());
        assertThat(output(first, "group/0/mlp-in")).isNotEqualTo(output(second, "group/0/mlp-in"));
    }

    @Test
    void whatServesAJobOnlyWhileItRunsIsWhereItsTasksPutIt() {
        Map<String, Task> commands = run(Requests.TUNED_END_TO_END);
        ModelImported imported = (ModelImported) Answers.result(task(commands, "import"));
        String hessians = ((ReduceHessians) task(commands, "reduce/1")).output();

        assertThat(prefixes(Requests.TUNED_END_TO_END, imported, Kind.PASSING))
                .containsExactly(
                        hessians + "/shards",
                        ((CaptureActivations) task(commands, "activations/0-64")).output(),
                        "trainings/" + digest(output(commands, "tune/1/mlp-in")),
                        "trainings/" + digest(output(commands, "tune/model")));
        assertThat(((CalibrateShard) task(commands, "shard/0-64")).output()).startsWith(hessians + "/shards/");
        assertThat(prefixes(Requests.TUNED, imported, Kind.PASSING)).hasSize(3);
        assertThat(prefixes(Requests.FULL, imported, Kind.PASSING)).containsExactly(hessians + "/shards");
    }

    @Test
    void whatAnotherJobCanBeginWithIsWhereTasksPutIt() {
        Map<String, Task> commands = run(Requests.TUNED_END_TO_END);
        ModelImported imported = (ModelImported) Answers.result(task(commands, "import"));

        assertThat(prefixes(Requests.TUNED_END_TO_END, imported, Kind.REUSABLE))
                .containsExactlyInAnyOrder(
                        ((ReduceHessians) task(commands, "reduce/1")).output(),
                        digest(output(commands, "group/1/attention-in")),
                        digest(output(commands, "group/1/mlp-in")),
                        digest(output(commands, "tune/1/mlp-in")),
                        digest(output(commands, "tune/model")));
        JobRequest written = Requests.selfGenerated(7);
        ModelImported withoutText = (ModelImported) Answers.result(task(run(written), "import"));
        JoinWindows join = (JoinWindows) task(run(written), "windows");
        assertThat(prefixes(written, withoutText, Kind.REUSABLE))
                .hasSize(4)
                .contains(digest(join.parts().getFirst()), digest(join.output()));
    }

    private static List<String> prefixes(JobRequest request, ModelImported imported, Kind kind) {
        return Planner.intermediates(request, imported).stream()
                .filter(intermediate -> intermediate.kind() == kind)
                .map(Intermediate::prefix)
                .toList();
    }

    /** The first two parts of a key. */
    private static String digest(String key) {
        return key.substring(0, key.indexOf('/', key.indexOf('/') + 1));
    }

    @Test
    void theNamesOfUntunedResultsAreThoseOfBefore() {
        Map<String, Task> commands = run(Requests.FULL);

        assertThat(output(commands, "group/0/mlp-in"))
                .isEqualTo(
                        "quantized/74a4bd7b1b6a8bb3205f48746c255efbaec6d1c4beb63aa1c6f2f984c694b3d1/0/mlp-in.safetensors");
        assertThat(output(commands, "assemble"))
                .isEqualTo("checkpoints/fb3a362acdb1859f951e267194fc9c874dcc4175eded887f73613297a3284942");
    }

    private static String output(Map<String, Task> commands, String key) {
        return switch (task(commands, key)) {
            case QuantizeGroup group -> group.output();
            case TuneBlock tune -> tune.output();
            case TuneModel tune -> tune.output();
            case AssembleModel assemble -> assemble.output();
            default -> throw new IllegalArgumentException(key + " (expected: a task with an output)");
        };
    }

    private static QuantizeGroup group(JobRequest request) {
        return (QuantizeGroup) task(run(request), "group/0/attention-in");
    }

    private static Task task(Map<String, Task> commands, String key) {
        return java.util.Objects.requireNonNull(commands.get(key));
    }

    /** Commands by key, in the order in which they become ready. */
    private static Map<String, Task> run(JobRequest request) {
        Map<String, TaskResult> finished = new LinkedHashMap<>();
        Map<String, Task> commands = new LinkedHashMap<>();
        List<PlannedTask> next = Planner.next(request, finished);
        while (!next.isEmpty()) {
            for (PlannedTask planned : next) {
                Task command = planned.command().apply(finished);
                commands.put(planned.key(), command);
            }
            commands.forEach((key, command) -> finished.putIfAbsent(key, Answers.result(command)));
            next = Planner.next(request, finished);
        }
        return commands;
    }
}
