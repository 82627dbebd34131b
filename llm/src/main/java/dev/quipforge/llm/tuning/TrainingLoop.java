package dev.quipforge.llm.tuning;

import dev.quipforge.engine.compute.AdamStep;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.llm.Progress;
import dev.quipforge.llm.config.TuningSchedule;
import dev.quipforge.llm.training.Parameter;
import java.util.List;
import java.util.Locale;

/**
 * A training: epochs of steps of Adam over shuffled windows, the validation loss before the first and after each, the best
 * state kept in the end. It goes on from a checkpoint where there is one.
 */
final class TrainingLoop {

    /** The rate of tables in units of that of vectors; it gave more than 1 on the demo model. */
    private static final double TABLES = 3;

    private final ComputeBackend backend;
    private final Plan plan;
    private final Objective objective;
    private final TuningCheckpoints checkpoints;
    private final Progress progress;
    private final long start = System.nanoTime();

    /**
     * What to do.
     *
     * @param name of the report, and of the permutations that are drawn
     * @param seed decides them
     * @param schedule rates and epochs
     * @param patience epochs without a better state after which it ends
     * @param split of the windows
     */
    record Plan(String name, long seed, TuningSchedule schedule, int patience, WindowSplit split) {

        int stepsPerEpoch() {
            return Math.ceilDiv(split.training().size(), schedule.windowsPerStep());
        }

        int steps() {
            return stepsPerEpoch() * schedule.epochs();
        }
    }

    TrainingLoop(
            ComputeBackend backend, Plan plan, Objective objective, TuningCheckpoints checkpoints, Progress progress) {
        this.backend = backend;
        this.plan = plan;
        this.objective = objective;
        this.checkpoints = checkpoints;
        this.progress = progress;
    }

    /** Trains; the parameters end as the best that were seen, those of the beginning included. */
    TuningReport run() {
        TrainingState state = checkpoints
                .latest()
                .map(file -> TrainingState.read(backend, objective.parameters(), file))
                .orElseGet(this::begin);
        double earlier = state.seconds;
        while (state.epoch < plan.schedule.epochs() && state.stale < plan.patience) {
            epoch(state, earlier);
            validate(state);
        }
        objective.parameters().forEach(parameter -> parameter.restore(backend));
        progress.update(1, plan.name + ": loss " + state.before + " → " + state.best);
        return new TuningReport(
                plan.name,
                state.before,
                state.best,
                state.curve,
                plan.split.training().size(),
                plan.split.validation().size(),
                elapsed(earlier));
    }

    private TrainingState begin() {
        TrainingState state = new TrainingState();
        progress.update(0, plan.name + ": first validation");
        state.before = loss();
        state.best = state.before;
        objective.parameters().forEach(parameter -> parameter.keep(backend));
        return state;
    }

    private void epoch(TrainingState state, double earlier) {
        List<Integer> order = plan.split.epoch(plan.seed, "tuning/" + plan.name + "/epoch/" + state.epoch);
        int size = plan.schedule.windowsPerStep();
        while (state.position < plan.stepsPerEpoch()) {
            int from = state.position * size;
            step(state, order.subList(from, Math.min(order.size(), from + size)));
            state.position++;
            if (checkpoints.due()) {
                state.seconds = elapsed(earlier);
                checkpoints.save(file -> state.write(backend, objective.parameters(), file));
            }
            progress.update((double) state.steps / plan.steps(), detail(state));
        }
    }

    private void step(TrainingState state, List<Integer> windows) {
        int batch = plan.schedule.batch();
        for (int from = 0; from < windows.size(); from += batch) {
            objective.addGradients(windows.subList(from, Math.min(windows.size(), from + batch)), windows.size());
        }
        double factor = plan.schedule.factor(state.steps, plan.steps());
        state.steps++;
        AdamStep vectors = AdamStep.usual((float) (factor * plan.schedule.vectorRate()), state.steps);
        AdamStep tables = AdamStep.usual((float) (factor * TABLES * plan.schedule.vectorRate()), state.steps);
        AdamStep weights = AdamStep.usual((float) (factor * plan.schedule.weightRate()), state.steps);
        for (Parameter parameter : objective.parameters()) {
            parameter.step(
                    backend,
                    switch (parameter.kind()) {
                        case VECTOR -> vectors;
                        case TABLE -> tables;
                        case WEIGHT -> weights;
                    });
        }
    }

    /** Ends an epoch; one that leads out of the finite numbers is the last. */
    private void validate(TrainingState state) {
        double loss = loss();
        state.epoch++;
        state.position = 0;
        if (!Double.isFinite(loss)) {
            state.stale = plan.patience;
            return;
        }
        state.curve.add(loss);
        if (loss < state.best) {
            state.best = loss;
            state.stale = 0;
            objective.parameters().forEach(parameter -> parameter.keep(backend));
        } else {
            state.stale++;
        }
    }

    private double loss() {
        List<Integer> windows = plan.split.validation();
        int batch = plan.schedule.batch();
        double sum = 0;
        for (int from = 0; from < windows.size(); from += batch) {
            sum += objective.loss(windows.subList(from, Math.min(windows.size(), from + batch)));
        }
        return sum / windows.size();
    }

    private String detail(TrainingState state) {
        return String.format(
                Locale.ROOT,
                "%s: epoch %d of %d, loss %.6g → %.6g",
                plan.name,
                state.epoch + 1,
                plan.schedule.epochs(),
                state.before,
                state.best);
    }

    private double elapsed(double earlier) {
        return earlier + (System.nanoTime() - start) / 1e9;
    }
}
