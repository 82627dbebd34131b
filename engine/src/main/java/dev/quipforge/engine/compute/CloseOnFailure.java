package dev.quipforge.engine.compute;

/**
 * Closes what was opened for an object when making that object fails, whatever is thrown: an {@link OutOfMemoryError} in
 * the middle of loading must not keep the half that was loaded.
 *
 * <pre>{@code
 * Workspace workspace = backend.workspace();
 * try (CloseOnFailure opened = new CloseOnFailure(workspace::close)) {
 *     return opened.keep(new Model(workspace, weights(workspace)));
 * }
 * }</pre>
 */
public final class CloseOnFailure implements AutoCloseable {

    private final Runnable action;
    private boolean kept;

    /**
     * @param action closes what was opened; what it throws is suppressed by what made it necessary
     */
    public CloseOnFailure(Runnable action) {
        this.action = action;
    }

    /** Says that all went well: what was opened stays open, and {@code owner} has to close it. */
    public <T> T keep(T owner) {
        keep();
        return owner;
    }

    /** As {@link #keep(Object)}, for constructors, whose object is the owner. */
    public void keep() {
        kept = true;
    }

    @Override
    public void close() {
        if (!kept) {
            action.run();
        }
    }
}
