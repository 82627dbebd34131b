package dev.quipforge.gateway;

import java.time.Duration;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Waits for what happens elsewhere. */
public final class Eventually {

    private static final long PATIENCE_NANOS = Duration.ofSeconds(30).toNanos();

    private Eventually() {}

    /** The first value that the condition holds for; an assertion error with the last one after 30 s. */
    public static <T> T get(Supplier<T> value, Predicate<T> condition) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        T last = value.get();
        while (!condition.test(last)) {
            if (System.nanoTime() > end) {
                throw new AssertionError("still " + last);
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
            last = value.get();
        }
        return last;
    }
}
