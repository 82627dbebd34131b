package dev.quipforge.benchmarks;

import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * Times work by a clock that is handed in: it runs for a span of time to warm up, then in rounds for as long;
 * the median of the rounds counts.
 */
public final class Stopwatch {

    /** What one round takes at least, so that neither the clock nor the wait at its end counts. */
    private static final double ROUND = 0.005;

    /** Calls to warm up, unless they take so long that the compiler has had its time. */
    private static final int FEWEST_CALLS = 5;

    private static final double LONG = 2;

    private static final int FEWEST_ROUNDS = 3;

    private static final double NANO = 1e-9;

    private final LongSupplier nanoTime;
    private final double span;

    /**
     * @param nanoTime nanoseconds from some fixed point on, such as {@link System#nanoTime}
     * @param span seconds that one figure is measured for, after as many to warm up
     */
    public Stopwatch(LongSupplier nanoTime, double span) {
        if (!(span > 0)) {
            throw new IllegalArgumentException("seconds: " + span + " (expected: more than 0)");
        }
        this.nanoTime = nanoTime;
        this.span = span;
    }

    /** Seconds that one figure is measured for. */
    double span() {
        return span;
    }

    /**
     * Seconds that {@code work} takes.
     *
     * @param work what is timed, again and again
     * @param barrier waits until what was begun is done; once a round
     */
    public double median(Runnable work, Runnable barrier) {
        int calls = 0;
        double warm = 0;
        double started = now();
        while (warm < span || (calls < FEWEST_CALLS && warm < LONG)) {
            work.run();
            barrier.run();
            calls++;
            warm = now() - started;
        }
        int together = (int) Math.clamp(ROUND * calls / warm, 1, 1e6);
        double[] rounds = new double[FEWEST_ROUNDS];
        int count = 0;
        started = now();
        while (count < FEWEST_ROUNDS || now() - started < span) {
            if (count == rounds.length) {
                rounds = Arrays.copyOf(rounds, 2 * count);
            }
            rounds[count++] = round(work, barrier, together) / together;
        }
        Arrays.sort(rounds, 0, count);
        return (rounds[(count - 1) / 2] + rounds[count / 2]) / 2;
    }

    private double round(Runnable work, Runnable barrier, int calls) {
        double started = now();
        for (int i = 0; i < calls; i++) {
            work.run();
        }
        barrier.run();
        return now() - started;
    }

    private double now() {
        return nanoTime.getAsLong() * NANO;
    }
}
