package dev.quipforge.cli.terminal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Shows how far several stages have come: on a screen as bars that are drawn over, elsewhere as a line whenever a stage begins,
 * ends, or has come a tenth further.
 */
public final class ProgressView {

    private static final int BAR = 28;
    private static final int NAME = 15;
    private static final double STEP = 0.1;

    private final Terminal terminal;
    private List<Bar> shown = List.of();

    /**
     * How far one stage has come.
     *
     * @param name its name
     * @param state one word, such as {@code running}
     * @param fraction 0 to 1
     * @param remark what else is to be said, such as the time left
     */
    public record Bar(String name, String state, double fraction, String remark) {}

    /** A view that has shown nothing yet. */
    public ProgressView(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Shows the stages as they are now. */
    public void show(List<Bar> bars) {
        if (terminal.interactive()) {
            draw(bars);
            shown = bars;
        } else {
            report(bars);
        }
    }

    private void draw(List<Bar> bars) {
        String up = shown.isEmpty() ? "" : "\033[" + shown.size() + "A";
        terminal.draw(
                up + bars.stream().map(bar -> "\033[2K" + line(bar) + "\n").collect(Collectors.joining()));
    }

    private static String line(Bar bar) {
        int full = (int) Math.round(BAR * Math.clamp(bar.fraction(), 0, 1));
        return String.format(
                Locale.ROOT,
                "%s %s%s %4s  %s",
                Text.column(bar.name(), NAME),
                "█".repeat(full),
                "░".repeat(BAR - full),
                Text.percent(bar.fraction()),
                bar.remark().isEmpty() ? bar.state() : bar.remark());
    }

    private void report(List<Bar> bars) {
        for (int i = 0; i < bars.size(); i++) {
            Bar bar = bars.get(i);
            Bar before = i < shown.size() ? shown.get(i) : new Bar(bar.name(), "waiting", 0, "");
            boolean news = !bar.state().equals(before.state()) || bar.fraction() >= before.fraction() + STEP;
            if (news) {
                terminal.remark("%s %s %s %s"
                        .formatted(bar.name(), bar.state(), Text.percent(bar.fraction()), bar.remark())
                        .strip());
            }
            shown = replace(i, news ? bar : before);
        }
    }

    private List<Bar> replace(int index, Bar bar) {
        List<Bar> bars = new ArrayList<>(shown);
        if (index < bars.size()) {
            bars.set(index, bar);
        } else {
            bars.add(bar);
        }
        return List.copyOf(bars);
    }
}
