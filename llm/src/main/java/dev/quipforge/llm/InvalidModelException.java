package dev.quipforge.llm;

/**
 * Something that was handed in is not what it must be: a model directory, a tensor file, a text, a setting. Trying again
 * cannot help. The message is {@code place: problem}, where the problem says the value and the expectation.
 */
public final class InvalidModelException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String place;
    private final String problem;

    /**
     * @param place the file, tensor or field at fault
     * @param problem the value and the expectation, such as {@code 7 (expected: 2, 3 or 4)}
     */
    public InvalidModelException(String place, String problem) {
        super(place + ": " + problem);
        this.place = place;
        this.problem = problem;
    }

    /** As above, with what led to it. */
    public InvalidModelException(String place, String problem, Throwable cause) {
        super(place + ": " + problem, cause);
        this.place = place;
        this.problem = problem;
    }

    /** The file, tensor or field at fault. */
    public String place() {
        return place;
    }

    /** The value and the expectation: the message without the place. */
    public String problem() {
        return problem;
    }
}
