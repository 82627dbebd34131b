package dev.quipforge.gateway.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quipforge.gateway.Requests;
import dev.quipforge.gateway.plan.Stage;
import dev.quipforge.gateway.request.JobRequest;
import dev.quipforge.gateway.task.StageSummary;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JobProgressTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final UUID id = UUID.randomUUID();

    @Test
    void aJobThatHasNotStartedIsAtZeroAndPromisesNothing() {
        JobProgress progress = JobProgress.of(job(JobState.SUBMITTED, Requests.FULL, null), List.of(), START);

        assertThat(progress.fraction()).isZero();
        assertThat(progress.etaSeconds()).isNull();
        assertThat(progress.stages())
                .extracting(StageView::state)
                .containsOnly(StageView.State.WAITING)
                .hasSize(6);
    }

    @Test
    void quantizingWeighsMost() {
        JobProgress progress = JobProgress.of(
                job(JobState.RUNNING, Requests.FULL, null),
                List.of(done(Stage.INTAKE, 0, 2), done(Stage.CALIBRATE, 2, 22), running(Stage.QUANTIZE, 22, 0.5)),
                START.plusSeconds(53));

        assertThat(progress.fraction()).isCloseTo(0.53, within(1e-9));
    }

    @Test
    void aRunningStageGoesOnAtItsRateAndTheRestAtTheRateMeasured() {
        JobProgress progress = JobProgress.of(
                job(JobState.RUNNING, Requests.FULL, null),
                List.of(done(Stage.INTAKE, 0, 2), done(Stage.CALIBRATE, 2, 22), running(Stage.QUANTIZE, 22, 0.5)),
                START.plusSeconds(53));

        assertThat(stage(progress, Stage.QUANTIZE).seconds()).isEqualTo(31);
        assertThat(stage(progress, Stage.QUANTIZE).etaSeconds()).isEqualTo(31);
        assertThat(stage(progress, Stage.EVALUATE).etaSeconds()).isCloseTo(12, within(1e-9));
        assertThat(progress.etaSeconds()).isCloseTo(31 + 3 + 12 + 1, within(1e-9));
    }

    @Test
    void whatIsNotEvaluatedDoesNotCount() {
        JobProgress progress = JobProgress.of(
                job(JobState.RUNNING, Requests.UNMEASURED, null),
                List.of(done(Stage.INTAKE, 0, 2), done(Stage.CALIBRATE, 2, 22)),
                START.plusSeconds(22));

        assertThat(progress.stages()).extracting(StageView::stage).doesNotContain(Stage.EVALUATE);
        assertThat(progress.fraction()).isCloseTo(22.0 / 88, within(1e-9));
    }

    @Test
    void theStagesOfTuningAreThereOnlyWithTuning() {
        assertThat(stages(Requests.FULL)).doesNotContain(Stage.TUNE_BLOCKS, Stage.TUNE_END_TO_END);
        assertThat(stages(Requests.TUNED))
                .containsSequence(Stage.QUANTIZE, Stage.TUNE_BLOCKS, Stage.ASSEMBLE)
                .doesNotContain(Stage.TUNE_END_TO_END);
        assertThat(stages(Requests.TUNED_END_TO_END))
                .containsSequence(Stage.QUANTIZE, Stage.TUNE_BLOCKS, Stage.TUNE_END_TO_END, Stage.ASSEMBLE);
        assertThat(Stage.TUNE_END_TO_END.key()).isEqualTo("tune-end-to-end");
    }

    private List<Stage> stages(JobRequest request) {
        return JobProgress.of(job(JobState.SUBMITTED, request, null), List.of(), START).stages().stream()
                .map(StageView::stage)
                .toList();
    }

    @Test
    void anEndedJobKeepsItsTimes() {
        JobProgress progress = JobProgress.of(
                job(JobState.CANCELLED, Requests.FULL, START.plusSeconds(30)),
                List.of(done(Stage.INTAKE, 0, 2), cancelled(Stage.CALIBRATE, 2)),
                START.plusSeconds(1000));

        assertThat(progress.etaSeconds()).isNull();
        assertThat(stage(progress, Stage.CALIBRATE).state()).isEqualTo(StageView.State.CANCELLED);
        assertThat(stage(progress, Stage.CALIBRATE).seconds()).isEqualTo(28);
        assertThat(stage(progress, Stage.QUANTIZE).state()).isEqualTo(StageView.State.CANCELLED);
    }

    private static StageView stage(JobProgress progress, Stage stage) {
        return progress.stages().stream()
                .filter(view -> view.stage() == stage)
                .findFirst()
                .orElseThrow();
    }

    private Job job(JobState state, JobRequest request, @Nullable Instant end) {
        return new Job(id, 1, state, Stage.INTAKE, request, new Job.Times(START, START, end), null);
    }

    private StageSummary done(Stage stage, int from, int to) {
        return new StageSummary(
                id, stage, new StageSummary.Counts(2, 0, 2, 0, 0), 1, START.plusSeconds(from), START.plusSeconds(to));
    }

    private StageSummary running(Stage stage, int from, double fraction) {
        return new StageSummary(
                id, stage, new StageSummary.Counts(8, 1, 3, 0, 0), fraction, START.plusSeconds(from), START);
    }

    private StageSummary cancelled(Stage stage, int from) {
        return new StageSummary(id, stage, new StageSummary.Counts(8, 0, 3, 0, 5), 0.4, START.plusSeconds(from), START);
    }
}
