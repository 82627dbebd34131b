package dev.quipforge.gateway.job;

import dev.quipforge.gateway.plan.Stage;
import dev.quipforge.gateway.task.StageSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far a job is, and how long it still takes.
 *
 * <p>A running stage goes on at the rate it had so far; a waiting stage takes the time of its share of a typical job at
 * the rate of the stages that were measured.
 *
 * @param fraction done of the whole job, 0 to 1
 * @param etaSeconds estimate of the time it still takes; null when too little was measured, and after the end
 * @param stages every stage the job has, in order
 */
public record JobProgress(double fraction, @Nullable Double etaSeconds, List<StageView> stages) {

    /** Less than this share of a stage or of the job says nothing about its rate. */
    private static final double SMALLEST_MEASURE = 0.04;

    public JobProgress {
        stages = List.copyOf(stages);
    }

    /** Progress of a job by its tasks. */
    public static JobProgress of(Job job, Collection<StageSummary> summaries, Instant now) {
        Map<Stage, StageSummary> byStage = new EnumMap<>(Stage.class);
        summaries.forEach(summary -> byStage.put(summary.stage(), summary));
        List<StageView> measured = Arrays.stream(Stage.values())
                .filter(stage -> stage.isPartOf(job.request()))
                .map(stage -> view(job, stage, byStage.get(stage), now))
                .toList();
        double shares =
                measured.stream().mapToDouble(view -> view.stage().share()).sum();
        double done = measured.stream().mapToDouble(JobProgress::shareDone).sum();
        double fraction = job.state() == JobState.SUCCEEDED ? 1 : done / shares;
        if (job.state().isLast() || fraction < SMALLEST_MEASURE) {
            return new JobProgress(fraction, null, measured);
        }
        List<StageView> stages = withEstimates(measured, done);
        double eta = stages.stream()
                .map(StageView::etaSeconds)
                .mapToDouble(seconds -> seconds == null ? 0 : seconds)
                .sum();
        return new JobProgress(fraction, eta, stages);
    }

    private static List<StageView> withEstimates(List<StageView> measured, double shareDone) {
        double seconds = measured.stream()
                .map(StageView::seconds)
                .mapToDouble(value -> value == null ? 0 : value)
                .sum();
        double secondsPerShare = seconds / shareDone;
        return measured.stream()
                .map(view -> withEstimate(view, secondsPerShare))
                .toList();
    }

    private static StageView withEstimate(StageView view, double secondsPerShare) {
        if (view.state() == StageView.State.SUCCEEDED) {
            return view;
        }
        Double seconds = view.seconds();
        double eta = seconds != null && view.fraction() >= SMALLEST_MEASURE
                ? seconds / view.fraction() * (1 - view.fraction())
                : secondsPerShare * view.stage().share() * (1 - view.fraction());
        return new StageView(
                view.stage(), view.state(), view.total(), view.done(), view.failed(), view.fraction(), seconds, eta);
    }

    private static double shareDone(StageView view) {
        return view.stage().share() * view.fraction();
    }

    private static StageView view(Job job, Stage stage, @Nullable StageSummary summary, Instant now) {
        if (summary == null) {
            StageView.State state = job.state().isLast() ? StageView.State.CANCELLED : StageView.State.WAITING;
            return new StageView(stage, state, 0, 0, 0, 0, null, null);
        }
        StageSummary.Counts counts = summary.counts();
        StageView.State state = state(summary);
        return new StageView(
                stage,
                state,
                counts.total(),
                counts.done(),
                counts.failed(),
                summary.fraction(),
                seconds(job, summary, state, now),
                null);
    }

    private static StageView.State state(StageSummary summary) {
        StageSummary.Counts counts = summary.counts();
        if (counts.failed() > 0) {
            return StageView.State.FAILED;
        }
        if (counts.done() == counts.total()) {
            return StageView.State.SUCCEEDED;
        }
        if (counts.cancelled() > 0) {
            return StageView.State.CANCELLED;
        }
        return summary.startedAt() == null ? StageView.State.WAITING : StageView.State.RUNNING;
    }

    private static @Nullable Double seconds(Job job, StageSummary summary, StageView.State state, Instant now) {
        Instant start = summary.startedAt();
        if (start == null) {
            return null;
        }
        Instant jobEnd = job.times().finishedAt();
        Instant end = state == StageView.State.SUCCEEDED ? summary.finishedAt() : jobEnd;
        return Duration.between(start, end == null ? now : end).toMillis() / 1000.0;
    }
}
