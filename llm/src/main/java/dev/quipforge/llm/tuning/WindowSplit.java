package dev.quipforge.llm.tuning;

import dev.quipforge.engine.random.TensorRandom;
import dev.quipforge.llm.InvalidModelException;
import java.util.ArrayList;
import java.util.List;

/**
 * Which windows are learned from, and which decide what is kept: the last ones of a permutation that the seed draws.
 *
 * @param training ascending
 * @param validation ascending
 */
record WindowSplit(List<Integer> training, List<Integer> validation) {

    WindowSplit {
        training = List.copyOf(training);
        validation = List.copyOf(validation);
    }

    /**
     * Splits windows.
     *
     * @param seed decides the permutation
     * @param windows number of all
     * @param share part of them to validate on, rounded; at least one, and never all
     * @throws InvalidModelException when there is only one
     */
    static WindowSplit of(long seed, int windows, double share) {
        if (windows < 2) {
            throw new InvalidModelException("samples", windows + " (expected with tuning: at least 2)");
        }
        List<Integer> order = shuffled(range(windows), seed, "tuning/split");
        int kept = Math.clamp(Math.round(share * windows), 1, windows - 1);
        int training = windows - kept;
        return new WindowSplit(
                order.subList(0, training).stream().sorted().toList(),
                order.subList(training, windows).stream().sorted().toList());
    }

    /** The training windows in the order of one epoch. */
    List<Integer> epoch(long seed, String name) {
        return shuffled(training, seed, name);
    }

    private static List<Integer> range(int end) {
        List<Integer> range = new ArrayList<>();
        for (int i = 0; i < end; i++) {
            range.add(i);
        }
        return range;
    }

    /** Fisher and Yates. */
    private static List<Integer> shuffled(List<Integer> elements, long seed, String name) {
        TensorRandom random = TensorRandom.of(seed, name);
        List<Integer> shuffled = new ArrayList<>(elements);
        for (int i = shuffled.size() - 1; i > 0; i--) {
            int other = (int) (random.nextDouble() * (i + 1));
            shuffled.set(i, shuffled.set(other, shuffled.get(i)));
        }
        return shuffled;
    }
}
