package dev.quipforge.gateway.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.contracts.CaptureActivations;
import dev.quipforge.contracts.ImportModel;
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

/** Hidden states and checkpoints of jobs with a seed, and so with artifacts, of their own. */
class SweeperTest {

    private static final Duration MORE_THAN_RETENTION = Duration.ofHours(25);
    private static final String SUBMISSION = Submissions.SELF_GENERATED.replace(
            "\"seed\": 7,", "\"seed\": 4711, \"tuning\": {\"mode\": \"blocks\", \"preset\": \"fast\"},");

    private final ApplicationContext gateway = TestPlatform.gateway();
    private final ArtifactStore store = gateway.getBean(ArtifactStore.class);
    private final Sweeper sweeper = gateway.getBean(Sweeper.class);
    private final Http http = new Http();

    @Test
    void whatNoJobNeedsIsRemovedWhenItsTimeIsOver() {
        List<String> made = runToItsEnd(submit());
        assertThat(made).as("two files, their results, eight checkpoints").hasSize(12);
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
        assertThat(made).noneMatch(store::exists);
    }

    private void pass() {
        gateway.getBean(MovableClock.class).advance(MORE_THAN_RETENTION);
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
            case TuneBlock tune -> List.of("trainings/" + tune.output() + "/000000000001.safetensors");
            default -> List.of();
        };
        keys.forEach(key -> store.put(key, new byte[1]));
        return keys;
    }

    private static List<TaskEvent> importAndStop(TaskCommand command) {
        return command.work() instanceof ImportModel ? Workers.succeed(command) : List.of(Workers.started(command));
    }
}
