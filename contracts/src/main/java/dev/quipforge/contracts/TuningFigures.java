package dev.quipforge.contracts;

import java.util.List;

/**
 * What a training did. Losses are those on the validation windows: of a block the mean squared difference of its output from
 * the original's, of a model the mean divergence from the original's distribution in nats a token.
 *
 * @param name what was trained: {@code 3/mlp-in} for block 3 after that group was quantized, {@code model}
 * @param lossBefore before the first step
 * @param lossAfter of the state that was kept; never more than before
 * @param curve after every epoch
 * @param trainingWindows windows learned from
 * @param validationWindows windows that decided
 * @param seconds time it took, of all workers that had it
 */
public record TuningFigures(
        String name,
        double lossBefore,
        double lossAfter,
        List<Double> curve,
        int trainingWindows,
        int validationWindows,
        double seconds) {

    public TuningFigures {
        curve = List.copyOf(curve);
    }
}
