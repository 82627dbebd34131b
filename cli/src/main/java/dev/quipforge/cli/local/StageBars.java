package dev.quipforge.cli.local;

import dev.quipforge.cli.terminal.ProgressView;
import dev.quipforge.cli.terminal.ProgressView.Bar;
import dev.quipforge.cli.terminal.Terminal;
import dev.quipforge.cli.terminal.Text;
import dev.quipforge.llm.Progress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** One bar a stage, with the time left, for work in this process. Stages follow each other or take turns. */
final class StageBars {

    private static final double NANOS = 1e9;

    /** Before so much is done, the time left is a guess. */
    private static final double ENOUGH = 0.02;

    private static final double REDRAW_SECONDS = 0.2;

    private final ProgressView view;
    private final LongSupplier nanoTime;
    private final Map<String, Bar> bars = new LinkedHashMap<>();
    private double drawn = Double.NEGATIVE_INFINITY;

    /** Bars on {@code terminal}, timed by {@code nanoTime}. */
    StageBars(Terminal terminal, LongSupplier nanoTime) {
        this.view = new ProgressView(terminal);
        this.nanoTime = nanoTime;
    }

    /** A stage begins; what is returned hears how it goes. Reaching 1 ends it. */
    Progress begin(String name) {
        long start = nanoTime.getAsLong();
        return (fraction, detail) -> update(name, (nanoTime.getAsLong() - start) / NANOS, fraction, detail);
    }

    private synchronized void update(String name, double seconds, double fraction, String detail) {
        double now = nanoTime.getAsLong() / NANOS;
        if (fraction >= 1) {
            bars.put(name, new Bar(name, "done", 1, Text.duration(seconds)));
            view.show(List.copyOf(bars.values()));
            return;
        }
        String left = fraction < ENOUGH ? "" : "ETA " + Text.duration(seconds / fraction * (1 - fraction)) + "  ";
        bars.put(name, new Bar(name, "running", fraction, left + detail));
        if (now >= drawn + REDRAW_SECONDS) {
            drawn = now;
            view.show(List.copyOf(bars.values()));
        }
    }
}
