package dev.quipforge.contracts;

import java.util.List;

/**
 * Where the hidden states of {@link CaptureActivations} are.
 *
 * @param prefix what all of their keys begin with
 * @param shards the ranges of windows, {@code <first>-<last>}, in order, all windows together
 */
public record Activations(String prefix, List<String> shards) {

    public Activations {
        shards = List.copyOf(shards);
    }
}
