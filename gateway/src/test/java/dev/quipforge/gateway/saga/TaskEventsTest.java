package dev.quipforge.gateway.saga;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quipforge.contracts.Failure;
import dev.quipforge.contracts.TaskEvent;
import dev.quipforge.contracts.TaskResult;
import dev.quipforge.gateway.Requests;
import dev.quipforge.gateway.job.JobFailure;
import dev.quipforge.gateway.job.JobState;
import dev.quipforge.gateway.plan.Stage;
import dev.quipforge.gateway.task.TaskState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Events that come twice, late, out of order or of an older attempt, and tasks that fail. */
class TaskEventsTest {

    @Test
    void anEventThatComesTwiceChangesNothingTheSecondTime() {
        SagaDriver driver = new SagaDriver(Requests.FULL);
        driver.start("import");
        TaskEvent success = driver.success("import");
        driver.accept(success);
        int journal = driver.journal();

        driver.accept(success);

        assertThat(driver.journal()).isEqualTo(journal);
        assertThat(driver.task("shard/0-64").attempt().number()).isEqualTo(1);
    }

    @Test
    void progressThatSaysNothingNewIsOnlyAHeartbeat() {
        SagaDriver driver = new SagaDriver(Requests.FULL);
        driver.progress("import", 0.5);
        int journal = driver.journal();

        driver.progress("import", 0.5);
        assertThat(driver.journal()).isEqualTo(journal);

        driver.progress("import", 0.6);
        assertThat(driver.journal()).isEqualTo(journal + 1);
        assertThat(driver.task("import").fraction()).isEqualTo(0.6);
    }

    @Test
    void anEventOfAnOlderAttemptIsIgnored() {
        SagaDriver driver = new SagaDriver(Requests.FULL);
        driver.start("import");
        TaskEvent late = driver.success("import");
        driver.fail("import", Failure.Code.INTERNAL);
        assertThat(driver.task("import").attempt().number()).isEqualTo(2);

        driver.accept(late);

        assertThat(driver.task("import").state()).isEqualTo(TaskState.QUEUED);
        assertThat(driver.tasks()).hasSize(1);
    }

    @Test
    void aResultNeedsNoStartBeforeIt() {
        SagaDriver driver = new SagaDriver(Requests.FULL);

        driver.succeed("import");

        assertThat(driver.job().state()).isEqualTo(JobState.RUNNING);
        assertThat(driver.task("import").state()).isEqualTo(TaskState.SUCCEEDED);
        assertThat(driver.job().stage()).isEqualTo(Stage.CALIBRATE);
    }

    @Test
    void groupsOfABlockAreSentWhenItsHessiansAreReduced() {
        SagaDriver driver = new SagaDriver(Requests.FULL);
        driver.succeed("import");
        driver.succeed("shard/0-64");
        assertThat(driver.task("reduce/0").state()).isEqualTo(TaskState.WAITING);
        driver.succeed("shard/64-100");
        assertThat(driver.task("reduce/0").state()).isEqualTo(TaskState.QUEUED);

        driver.succeed("reduce/1");

        assertThat(driver.task("group/1/mlp-in").state()).isEqualTo(TaskState.QUEUED);
        assertThat(driver.task("group/0/mlp-in").state()).isEqualTo(TaskState.WAITING);
        assertThat(driver.job().stage()).isEqualTo(Stage.CALIBRATE);
    }

    @Test
    void aJobWithoutEvaluationTextIsNotEvaluated() {
        SagaDriver driver = new SagaDriver(Requests.UNMEASURED);

        driver.finish();

        assertThat(driver.job().state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(driver.tasks()).noneMatch(task -> task.outline().stage() == Stage.EVALUATE);
    }

    @Test
    void aTaskIsTriedThreeTimesBeforeItsJobFails() {
        SagaDriver driver = new SagaDriver(Requests.FULL);
        for (int attempt = 1; attempt <= 3; attempt++) {
            assertThat(driver.job().state().isLast()).isFalse();
            assertThat(driver.task("import").attempt().number()).isEqualTo(attempt);
            driver.start("import");
            driver.fail("import", Failure.Code.ARTIFACT_UNAVAILABLE);
        }

        assertThat(driver.job().state()).isEqualTo(JobState.FAILED);
        assertThat(driver.job().failure())
                .isEqualTo(new JobFailure(
                        "import the model",
                        driver.task("import").id(),
                        Stage.INTAKE,
                        Failure.Code.ARTIFACT_UNAVAILABLE,
                        "here",
                        "it broke"));
    }

    @Test
    void invalidInputIsNotTriedAgain() {
        SagaDriver driver = new SagaDriver(Requests.FULL);
        driver.succeed("import");
        driver.start("shard/64-100");

        driver.fail("shard/0-64", Failure.Code.INVALID_INPUT);

        assertThat(driver.job().state()).isEqualTo(JobState.FAILED);
        assertThat(driver.task("shard/0-64").state()).isEqualTo(TaskState.FAILED);
        assertThat(List.of(driver.task("shard/64-100"), driver.task("assemble")))
                .allMatch(task -> task.state() == TaskState.CANCELLED);
    }

    @Test
    void aTaskThatAWorkerGivesBackIsSentAgain() {
        SagaDriver driver = new SagaDriver(Requests.FULL);
        driver.start("import");

        driver.giveBack("import");

        assertThat(driver.task("import").state()).isEqualTo(TaskState.QUEUED);
        assertThat(driver.task("import").attempt().number()).isEqualTo(2);
    }

    @Test
    void aSilentTaskIsSentAgainAndAQueuedOneIsNot() {
        SagaDriver driver = new SagaDriver(Requests.FULL);
        driver.succeed("import");
        driver.start("shard/0-64");

        driver.silence(Duration.ofSeconds(61));

        assertThat(driver.task("shard/0-64").state()).isEqualTo(TaskState.QUEUED);
        assertThat(driver.task("shard/0-64").attempt().number()).isEqualTo(2);
        assertThat(driver.task("shard/64-100").attempt().number()).isEqualTo(1);
    }

    @Test
    void aTaskWithHeartbeatsIsLeftAlone() {
        SagaDriver driver = new SagaDriver(Requests.FULL);
        driver.start("import");
        for (int beat = 0; beat < 4; beat++) {
            driver.silence(Duration.ofSeconds(40));
            driver.progress("import", 0.1);
        }

        assertThat(driver.task("import").attempt().number()).isEqualTo(1);
    }

    @Test
    void aTaskThatWaitsForHoursBehindALongOneIsNotGivenUp() {
        SagaDriver driver = new SagaDriver(Requests.FULL);
        driver.succeed("import");
        driver.start("shard/0-64");
        for (int minute = 0; minute < 125; minute++) {
            driver.silence(Duration.ofSeconds(59));
            driver.progress("shard/0-64", minute / 130.0);
        }

        assertThat(driver.task("shard/64-100").attempt().number()).isEqualTo(1);
        driver.silence(Duration.ofSeconds(61));
        assertThat(driver.task("shard/0-64").attempt().number()).isEqualTo(2);
        driver.silence(Duration.ofHours(1).plusSeconds(1));
        assertThat(driver.task("shard/64-100").attempt().number()).isEqualTo(2);
    }

    @Test
    void anotherWorkerMayGoOnWithTheSameAttempt() {
        SagaDriver driver = new SagaDriver(Requests.FULL);
        driver.start("import");

        driver.accept(new TaskEvent.TaskStarted(
                driver.job().id(), driver.task("import").id(), 1, "another", Instant.EPOCH));

        assertThat(driver.task("import").attempt().worker()).isEqualTo("another");
    }

    @Test
    void aResultTheGatewayCannotFollowFailsTheJobAndNotTheGateway() {
        TaskResult.BlockRange block =
                new TaskResult.BlockRange(0, 0, List.of(new TaskResult.GroupSize("attention-in", 1_000)));
        assertThat(failureAfter(List.of(block))).contains("evaluationText of the imported model: missing");
        assertThat(failureAfter(List.of())).contains("blocks of the imported model: none");
    }

    /** Why a job fails whose model was imported with these blocks, and without the text that it asked for. */
    private static String failureAfter(List<TaskResult.BlockRange> blocks) {
        SagaDriver driver = new SagaDriver(Requests.FULL);
        TaskResult withoutText = new TaskResult.ModelImported(
                "d", "models/d", "demo", 1, 2, null, blocks, "calibration/t/tokens.safetensors", 1, 8, null);
        driver.accept(new TaskEvent.TaskSucceeded(
                driver.job().id(), driver.task("import").id(), 1, "w", Instant.EPOCH, withoutText, 1));
        assertThat(driver.job().state()).isEqualTo(JobState.FAILED);
        JobFailure failure = Objects.requireNonNull(driver.job().failure());
        return failure.message();
    }
}
