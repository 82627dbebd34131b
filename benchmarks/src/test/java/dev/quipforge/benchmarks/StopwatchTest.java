package dev.quipforge.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StopwatchTest {

    private final AtomicLong clock = new AtomicLong();
    private final Stopwatch stopwatch = new Stopwatch(clock::get, 1);

    @Test
    void whatAlwaysTakesAsLongTakesThatLong() {
        assertThat(stopwatch.median(() -> clock.addAndGet(20_000_000), () -> {}))
                .isBetween(0.01999, 0.02001);
    }

    @Test
    void theWaitForManyShortCallsIsSharedByThem() {
        double seconds = stopwatch.median(() -> clock.addAndGet(10_000), () -> clock.addAndGet(40_000));

        // 100 calls a round: 5 ms at what a call with its own wait takes
        assertThat(seconds).isBetween(1.03e-5, 1.05e-5);
    }

    @Test
    void slowRoundsDoNotCountMoreThanFastOnes() {
        AtomicInteger calls = new AtomicInteger();

        assertThat(stopwatch.median(
                        () -> clock.addAndGet(calls.getAndIncrement() % 3 == 0 ? 900_000_000 : 30_000_000), () -> {}))
                .isBetween(0.0299, 0.0301);
    }

    @Test
    void workThatIsLongerThanTheTimeIsStillMeasured() {
        AtomicInteger calls = new AtomicInteger();

        stopwatch.median(
                () -> {
                    calls.incrementAndGet();
                    clock.addAndGet(3_000_000_000L);
                },
                () -> {});

        // one call to warm up, three that count
        assertThat(calls).hasValue(4);
    }

    @Test
    void noTimeIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Stopwatch(clock::get, 0))
                .withMessage("seconds: 0.0 (expected: more than 0)");
    }
}
