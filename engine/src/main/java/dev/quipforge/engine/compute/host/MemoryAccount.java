package dev.quipforge.engine.compute.host;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes held now, and the most that were held at once since the beginning or the last reset. */
final class MemoryAccount {

    private final AtomicLong held = new AtomicLong();
    private final AtomicLong peak = new AtomicLong();

    void add(long bytes) {
        peak.accumulateAndGet(held.addAndGet(bytes), Math::max);
    }

    void remove(long bytes) {
        held.addAndGet(-bytes);
    }

    long held() {
        return held.get();
    }

    long peak() {
        return peak.get();
    }

    void resetPeak() {
        peak.set(held.get());
    }
}
