package dev.quipforge.gateway.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.contracts.AssembleModel;
import dev.quipforge.contracts.CalibrateShard;
import dev.quipforge.contracts.PublishModel;
import dev.quipforge.contracts.QuantizeGroup;
import dev.quipforge.contracts.ReduceHessians;
import dev.quipforge.contracts.Task;
import dev.quipforge.contracts.TaskResult;
import dev.quipforge.gateway.Answers;
import dev.quipforge.gateway.Requests;
import dev.quipforge.gateway.request.JobRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlannerTest {

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
        assertThat(assemble.groups()).hasSize(8).contains(group.output());
    }

    @Test
    void theCardIsToldTheFigures() {
        PublishModel publish = (PublishModel) task(run(Requests.FULL), "publish");

        assertThat(publish.figures().bitsPerWeight()).isEqualTo(2.02);
        assertThat(publish.figures().meanProxyLoss()).isEqualTo(0.03);
        assertThat(publish.figures().originalBytes()).isEqualTo(40_000);
        assertThat(publish.figures().quantizedBytes()).isEqualTo(2_500);
        assertThat(publish.figures().evaluation()).isNotNull();
    }

    @Test
    void equalWorkHasEqualNamesAndOtherWorkOthers() {
        String same = group(Requests.FULL).output();
        assertThat(group(Requests.UNMEASURED).output()).isEqualTo(same);

        JobRequest.Recipe recipe = Requests.FULL.recipe();
        for (JobRequest.Recipe other : List.of(
                new JobRequest.Recipe("qtip", "3inst", 3, "seam", "ldlq", "hadamard", 0, 7, recipe.calibration()),
                new JobRequest.Recipe("qtip", "3inst", 2, "exact", "ldlq", "hadamard", 0, 7, recipe.calibration()),
                new JobRequest.Recipe("qtip", "3inst", 2, "seam", "ldlq", "kronecker", 0, 7, recipe.calibration()),
                new JobRequest.Recipe("qtip", "3inst", 2, "seam", "ldlq", "hadamard", 1, 7, recipe.calibration()),
                new JobRequest.Recipe("qtip", "3inst", 2, "seam", "ldlq", "hadamard", 0, 8, recipe.calibration()))) {
            JobRequest request = new JobRequest("demo", Requests.FULL.model(), other, null);
            assertThat(group(request).output()).isNotEqualTo(same);
            assertThat(group(request).hessian()).isEqualTo(group(Requests.FULL).hessian());
        }
    }

    @Test
    void aCheckpointIsNamedByWhatItsCardSays() {
        AssembleModel measured = (AssembleModel) task(run(Requests.FULL), "assemble");
        AssembleModel unmeasured = (AssembleModel) task(run(Requests.UNMEASURED), "assemble");

        assertThat(measured.output()).startsWith("checkpoints/").isNotEqualTo(unmeasured.output());
        assertThat(measured.groups()).isEqualTo(unmeasured.groups());
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
