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

    @Override
    public void close() {
        try {
            Trees.delete(path);
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": cannot be removed", e);
        }
    }
}
