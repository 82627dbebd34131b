package dev.quipforge.llm;

/**
 * Something that was handed in is not what it must be: a model directory, a tensor file, a text, a setting. Trying again
 * cannot help. The message is {@code place: problem}, where the problem says the value and the expectation.
 */
public final class InvalidModelException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String place;

    /**
     * @param place the file, tensor or field at fault
     * @param problem the value and the expectation, such as {@code 7 (expected: 2, 3 or 4)}
     */
    public InvalidModelException(String place, String problem) {
        super(place + ": " + problem);
        this.place = place;
    }

    /** As above, with what led to it. */
    public InvalidModelException(String place, String problem, Throwable cause) {
        super(place + ": " + problem, cause);
        this.place = place;
    }

    /** The file, tensor or field at fault. */
    public String place() {
        return place;
    }
}
