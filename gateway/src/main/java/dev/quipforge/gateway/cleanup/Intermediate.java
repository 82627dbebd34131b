package dev.quipforge.gateway.cleanup;

/**
 * Artifacts that are kept only for a time after the last job that can use them.
 *
 * @param prefix what all of their keys begin with, without the slash at its end
 * @param kind how long they are kept
 */
public record Intermediate(String prefix, Kind kind) {

    /** How long artifacts are kept. */
    public enum Kind {
        /** They serve a job while it runs, and another one only in the middle: sums, hidden states, checkpoints of trainings. */
        PASSING,
        /** Another job can begin with them: windows that a model wrote, Hessians, codes, tuned weights. */
        REUSABLE
    }

    /** Of the kind that serves a job while it runs. */
    public static Intermediate passing(String prefix) {
        return new Intermediate(prefix, Kind.PASSING);
    }

    /** Of the kind that another job can begin with. */
    public static Intermediate reusable(String prefix) {
        return new Intermediate(prefix, Kind.REUSABLE);
    }
}
