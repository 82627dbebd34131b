package dev.quipforge.cli.terminal;

/** A command cannot do what it was asked to. The message is the one line that its user sees. */
public final class CommandFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Exit code of a command that failed. */
    public static final int FAILED = 1;

    /** Exit code of a command line that is wrong. */
    public static final int USAGE = 2;

    /** Exit code of {@code status} when nothing runs. */
    public static final int DOWN = 3;

    /** Exit code of a command that was interrupted. */
    public static final int INTERRUPTED = 130;

    private final int exitCode;

    /** A failure with exit code {@link #FAILED}. */
    public CommandFailure(String message) {
        this(FAILED, message);
    }

    /** A failure with an exit code of its own. */
    public CommandFailure(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    /** A failure that something else led to. */
    public CommandFailure(String message, Throwable cause) {
        super(message, cause);
        this.exitCode = FAILED;
    }

    /** The exit code of the process. */
    public int exitCode() {
        return exitCode;
    }
}
