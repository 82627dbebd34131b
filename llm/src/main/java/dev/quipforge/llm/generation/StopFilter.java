package dev.quipforge.llm.generation;

import java.util.List;

/** Holds back what may become a stop text, and notices when one is complete. */
final class StopFilter {

    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private boolean stopped;

    StopFilter(List<String> stops) {
        this.stops = stops;
    }

    /** Whether a stop text has come. */
    boolean stopped() {
        return stopped;
    }

    /** Adds a piece; returns what certainly comes before any stop text. */
    String add(String piece) {
        held.append(piece);
        int end = held.length();
        for (String stop : stops) {
            int at = held.indexOf(stop);
            if (at >= 0) {
                stopped = true;
                end = Math.min(end, at);
            }
        }
        return take(stopped ? end : end - longestBeginning());
    }

    /** What is left when no stop text came. */
    String rest() {
        return stopped ? "" : take(held.length());
    }

    private int longestBeginning() {
        int longest = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, held.length()); length > longest; length--) {
                if (stop.startsWith(held.substring(held.length() - length))) {
                    longest = length;
                }
            }
        }
        return longest;
    }

    private String take(int length) {
        String taken = held.substring(0, length);
        held.delete(0, length);
        return taken;
    }
}
