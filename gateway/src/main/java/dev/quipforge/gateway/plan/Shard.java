package dev.quipforge.gateway.plan;

import java.util.List;
import java.util.stream.IntStream;

/**
 * A range of the calibration windows that one worker runs at a time.
 *
 * @param first first window
 * @param last last window, exclusive
 */
record Shard(int first, int last) {

    /** Windows of one shard. Sums are added in shard order, so this decides the last bits of a Hessian: as in a local run. */
    static final int SIZE = 64;

    /** All shards of so many windows, in order. */
    static List<Shard> of(int samples) {
        return IntStream.iterate(0, first -> first < samples, first -> first + SIZE)
                .mapToObj(first -> new Shard(first, Math.min(first + SIZE, samples)))
                .toList();
    }

    int samples() {
        return last - first;
    }

    /** Its name in keys, such as {@code 0-64}. */
    String range() {
        return first + "-" + last;
    }
}
