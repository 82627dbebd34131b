package dev.quipforge.kit.task;

/** What a handler can say and ask while it works. */
public interface TaskContext {

    /**
     * Says how far the task has come; cheap enough to be called at every step. It also asks: where
     * {@link #throwIfCancelled} would throw, this does.
     *
     * @param fraction done so far, 0 to 1
     * @param detail what is being done, for a person
     */
    void progress(double fraction, String detail);

    /** Ends the task by an exception, which the handler lets pass, when nobody wants its result any more. */
    void throwIfCancelled();
}
