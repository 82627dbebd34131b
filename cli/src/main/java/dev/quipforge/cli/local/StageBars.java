package dev.quipforge.cli.local;

import dev.quipforge.cli.terminal.ProgressView;
import dev.quipforge.cli.terminal.ProgressView.Bar;
import dev.quipforge.cli.terminal.Terminal;
import dev.quipforge.cli.terminal.Text;
import dev.quipforge.llm.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** One bar a stage, with the time left, for work in this process. The stages follow each other. */
final class StageBars {

    private static final double NANOS = 1e9;

    /** Before so much is done, the time left is a guess. */
    private static final double ENOUGH = 0.02;

    private static final double REDRAW_SECONDS = 0.2;

    private final ProgressView view;
    private final LongSupplier nanoTime;
    private final List<Bar> done = new ArrayList<>();
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
            done.removeIf(bar -> bar.name().equals(name));
            done.add(new Bar(name, "done", 1, Text.duration(seconds)));
            view.show(List.copyOf(done));
        } else if (now >= drawn + REDRAW_SECONDS) {
            drawn = now;
            String left = fraction < ENOUGH ? "" : "ETA " + Text.duration(seconds / fraction * (1 - fraction)) + "  ";
            List<Bar> bars = new ArrayList<>(done);
            bars.removeIf(bar -> bar.name().equals(name));
            bars.add(new Bar(name, "running", fraction, left + detail));
            view.show(bars);
        }
    }
}
