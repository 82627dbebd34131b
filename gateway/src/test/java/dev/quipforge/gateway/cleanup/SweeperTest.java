package dev.quipforge.gateway.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.contracts.CalibrateShard;
import dev.quipforge.contracts.CaptureActivations;
import dev.quipforge.contracts.GenerateWindows;
import dev.quipforge.contracts.ImportModel;
import dev.quipforge.contracts.JoinWindows;
import dev.quipforge.contracts.QuantizeGroup;
import dev.quipforge.contracts.ReduceHessians;
import dev.quipforge.contracts.Task;
import dev.quipforge.contracts.TaskCommand;
import dev.quipforge.contracts.TaskEvent;
import dev.quipforge.contracts.TuneBlock;
import dev.quipforge.gateway.Eventually;
import dev.quipforge.gateway.Http;
import dev.quipforge.gateway.MovableClock;
import dev.quipforge.gateway.Submissions;
import dev.quipforge.gateway.TestPlatform;
import dev.quipforge.gateway.Workers;
import dev.quipforge.kit.artifact.ArtifactStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.springframework.context.ApplicationContext;

/** What jobs with a seed, and so with artifacts, of their own leave behind. */
class SweeperTest {

    private static final Duration MORE_THAN_RETENTION = Duration.ofHours(25);
    private static final Duration MORE_THAN_REUSE_RETENTION = Duration.ofDays(31);

    /** Two ranges of windows and all of them, Hessians of two blocks, eight groups, eight overlays; each with its result. */
    private static final int REUSABLE = 2 * (3 + 2 + 8 + 8);

    private static final String SUBMISSION = Submissions.SELF_GENERATED.replace(
            "\"seed\": 7,", "\"seed\": 4711, \"tuning\": {\"mode\": \"blocks\", \"preset\": \"fast\"},");

    private final ApplicationContext gateway = TestPlatform.gateway();
    private final ArtifactStore store = gateway.getBean(ArtifactStore.class);
    private final Sweeper sweeper = gateway.getBean(Sweeper.class);
    private final Http http = new Http();

    @Test
    void whatNoJobNeedsIsRemovedWhenItsTimeIsOver() {
        List<String> made = runToItsEnd(submit());
        assertThat(made)
                .as("of shards: hidden states and sums with their results; checkpoints; and the rest")
                .hasSize(2 * 4 + 8 + REUSABLE);
        sweeper.sweep();
        assertThat(made).as("kept for a while").allMatch(store::exists);

        String running = submit();
        runToItsFirstResult(running);
        pass();
        assertThat(made).as("in use").allMatch(store::exists);

        http.delete("/api/v1/jobs/" + running);
        sweeper.sweep();
        assertThat(made).as("kept for a while again").allMatch(store::exists);

        pass();
        assertThat(made.stream().filter(store::exists).toList())
                .as("what another job can begin with")
                .hasSize(REUSABLE)
                .noneMatch(key -> key.contains("activations") || key.contains("trainings") || key.contains("/shards/"));

        running = submit();
        runToItsFirstResult(running);
        pass(MORE_THAN_REUSE_RETENTION);
        assertThat(made.stream().filter(store::exists)).as("in use").hasSize(REUSABLE);

        http.delete("/api/v1/jobs/" + running);
        pass(MORE_THAN_REUSE_RETENTION);
        assertThat(made).noneMatch(store::exists);
    }

    private void pass() {
        pass(MORE_THAN_RETENTION);
    }

    private void pass(Duration time) {
        gateway.getBean(MovableClock.class).advance(time);
        sweeper.sweep();
    }

    private String submit() {
        return http.post("/api/v1/jobs", SUBMISSION).json().get("id").asString();
    }

    /** Keys of what its workers stored. */
    private List<String> runToItsEnd(String job) {
        List<String> made = new CopyOnWriteArrayList<>();
        try (Workers _ = new Workers(TestPlatform.shared().brokers(), command -> {
            if (command.job().toString().equals(job)) {
                made.addAll(store(command.work()));
            }
            return Workers.succeed(command);
        })) {
            Eventually.get(() -> show(job, "state"), "SUCCEEDED"::equals);
        }
        return made;
    }

    private void runToItsFirstResult(String job) {
        try (Workers _ = new Workers(TestPlatform.shared().brokers(), SweeperTest::importAndStop)) {
            Eventually.get(() -> show(job, "stage"), "generate"::equals);
        }
    }

    private String show(String job, String field) {
        return http.get("/api/v1/jobs/" + job).json().get(field).asString();
    }

    private List<String> store(Task work) {
        List<String> keys = switch (work) {
            case CaptureActivations capture -> {
                String range = capture.firstSample() + "-" + capture.lastSample();
                yield List.of(
                        "%s/0/%s.safetensors".formatted(capture.output(), range),
                        "results/%s/%s.json".formatted(capture.output(), range));
            }
            case TuneBlock tune ->
                List.of(
                        "trainings/" + tune.output() + "/000000000001.safetensors",
                        tune.output(),
                        "results/" + tune.output() + ".json");
            case CalibrateShard shard ->
                List.of(shard.output() + "/0/mlp-in.safetensors", "results/" + shard.output() + ".json");
            case ReduceHessians reduce ->
                List.of(
                        "%s/%d/mlp-in.safetensors".formatted(reduce.output(), reduce.block()),
                        "results/%s/%d.json".formatted(reduce.output(), reduce.block()));
            case QuantizeGroup group -> List.of(group.output(), "results/" + group.output() + ".json");
            case GenerateWindows windows -> List.of(windows.output(), "results/" + windows.output() + ".json");
            case JoinWindows join -> List.of(join.output(), "results/" + join.output() + ".json");
            default -> List.of();
        };
        keys.forEach(key -> store.put(key, new byte[1]));
        return keys;
    }

    private static List<TaskEvent> importAndStop(TaskCommand command) {
        return command.work() instanceof ImportModel ? Workers.succeed(command) : List.of(Workers.started(command));
    }
}
