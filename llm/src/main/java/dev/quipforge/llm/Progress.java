package dev.quipforge.llm;

/** Hears how far long work has come. It may throw to cancel the work; what it throws reaches the caller unchanged. */
@FunctionalInterface
public interface Progress {

    /** Hears nothing and never cancels. */
    Progress NONE = (fraction, detail) -> {};

    /**
     * The work has come so far.
     *
     * @param fraction done so far, 0 to 1
     * @param detail what is being done, for a person
     */
    void update(double fraction, String detail);

    /** The progress of a part of this work: its 0 to 1 is {@code from} to {@code to} here. */
    default Progress part(double from, double to) {
        return (fraction, detail) -> update(from + (to - from) * fraction, detail);
    }
}
