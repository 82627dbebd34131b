package dev.quipforge.kit.artifact;

import java.nio.file.Path;

/** A disk has less free than a task is about to write. The message names the directory, the need and what is free. */
public final class DiskSpaceException extends RuntimeException {

    private static final double GIGA = 1e9;

    private final String directory;

    DiskSpaceException(Path directory, long need, long free, String what) {
        super(
                "%s: %s needs %.3f GB here, %.3f GB are free (expected: room on this disk, or a directory on a larger one)"
                        .formatted(directory, what, need / GIGA, free / GIGA));
        this.directory = directory.toString();
    }

    /** The directory, on the disk that is too full. */
    public String directory() {
        return directory;
    }
}
