package dev.quipforge.llm.config;

import dev.quipforge.llm.InvalidModelException;

/**
 * How one training runs: Adam, a rate that rises linearly and then falls as a cosine, batches of windows.
 *
 * @param vectorRate highest rate of values near 1: norms, the factors that tuning puts on the sign vectors; HYB's tables have
 *     three times that
 * @param weightRate highest rate of dense weights
 * @param epochs times that all training windows are seen
 * @param batch windows that go through at once
 * @param accumulation batches of one step, whose gradients are added
 * @param warmUp part of all steps in which the rate rises, in [0, 1)
 * @param floor what the rate falls to, as a part of the highest, in [0, 1]; 1 keeps it constant
 */
public record TuningSchedule(
        double vectorRate, double weightRate, int epochs, int batch, int accumulation, double warmUp, double floor) {

    /**
     * Checks everything.
     *
     * @throws InvalidModelException naming the value that is wrong
     */
    public TuningSchedule {
        requireAtLeast("vectorRate", vectorRate, 0);
        requireAtLeast("weightRate", weightRate, 0);
        requireAtLeast("epochs", epochs, 0);
        requireAtLeast("batch", batch, 1);
        requireAtLeast("accumulation", accumulation, 1);
        if (!(warmUp >= 0 && warmUp < 1)) {
            throw new InvalidModelException("warmUp", warmUp + " (expected: 0 to 1, exclusive)");
        }
        if (!(floor >= 0 && floor <= 1)) {
            throw new InvalidModelException("floor", floor + " (expected: 0 to 1)");
        }
    }

    /**
     * This schedule with one setting changed.
     *
     * @param setting name of a component
     * @param value its value
     * @throws InvalidModelException when there is none of that name, or the value is out of its bounds
     */
    TuningSchedule with(String setting, double value) {
        return switch (setting) {
            case "vectorRate" -> new TuningSchedule(value, weightRate, epochs, batch, accumulation, warmUp, floor);
            case "weightRate" -> new TuningSchedule(vectorRate, value, epochs, batch, accumulation, warmUp, floor);
            case "epochs" ->
                new TuningSchedule(vectorRate, weightRate, whole(setting, value), batch, accumulation, warmUp, floor);
            case "batch" ->
                new TuningSchedule(vectorRate, weightRate, epochs, whole(setting, value), accumulation, warmUp, floor);
            case "accumulation" ->
                new TuningSchedule(vectorRate, weightRate, epochs, batch, whole(setting, value), warmUp, floor);
            case "warmUp" -> new TuningSchedule(vectorRate, weightRate, epochs, batch, accumulation, value, floor);
            case "floor" -> new TuningSchedule(vectorRate, weightRate, epochs, batch, accumulation, warmUp, value);
            default ->
                throw new InvalidModelException(
                        "tuning setting",
                        setting + " (expected: one of [vectorRate, weightRate, epochs, batch, accumulation, warmUp,"
                                + " floor])");
        };
    }

    /** {@code value} as a whole number. */
    static int whole(String setting, double value) {
        if (value != (int) value) {
            throw new InvalidModelException(setting, value + " (expected: a whole number)");
        }
        return (int) value;
    }

    /** Windows of one step. */
    public int windowsPerStep() {
        return Math.multiplyExact(batch, accumulation);
    }

    /**
     * What the highest rates are multiplied by at one step.
     *
     * @param step from 0
     * @param steps all of them
     */
    public double factor(int step, int steps) {
        double rising = warmUp * steps;
        if (step < rising) {
            return (step + 1) / (rising + 1);
        }
        double fallen = (step - rising) / Math.max(1, steps - rising);
        return floor + (1 - floor) * (1 + StrictMath.cos(StrictMath.PI * fallen)) / 2;
    }

    private static void requireAtLeast(String name, double value, double least) {
        if (!(value >= least) || Double.isInfinite(value)) {
            throw new InvalidModelException(name, value + " (expected: at least " + least + ")");
        }
    }
}
