package dev.quipforge.kit.artifact;

import org.jspecify.annotations.Nullable;

/** An artifact is not there, is not what its digest says, or the store cannot be reached. */
public final class ArtifactException extends RuntimeException {

    private final String key;

    /** A fault of one artifact; {@code message} says what was found and what was expected. */
    public ArtifactException(String key, String message) {
        this(key, message, null);
    }

    /** Like the other, with what the store said. */
    public ArtifactException(String key, String message, @Nullable Throwable cause) {
        super(key + ": " + message, cause);
        this.key = key;
    }

    /** Key or prefix of the artifact. */
    public String key() {
        return key;
    }
}
