package dev.quipforge.kit.artifact;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** A local directory for the files of one task; it goes with everything in it when this is closed. */
public final class ScratchDirectory implements AutoCloseable {

    private final Path path;

    ScratchDirectory(Path path) {
        this.path = path;
    }

    /** The directory, empty at first. */
    public Path path() {
        return path;
    }

    /**
     * Demands that so much can be written here, so that a task fails before its first hour and not after its last.
     *
     * @param bytes how much
     * @param what needs it, for the message, such as {@code calibrating models/4f2a…}
     * @throws DiskSpaceException when less is free
     */
    public void requireFree(long bytes, String what) {
        Trees.requireFree(path, bytes, what);
    }

    @Override
    public void close() {
        try {
            Trees.delete(path);
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": cannot be removed", e);
        }
    }
}
