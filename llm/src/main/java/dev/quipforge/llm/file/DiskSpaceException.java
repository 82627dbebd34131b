package dev.quipforge.llm.file;

/** A disk has less free than a task is about to write. The message names the directory, the need and what is free. */
public final class DiskSpaceException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    DiskSpaceException(String message) {
        super(message);
    }
}
