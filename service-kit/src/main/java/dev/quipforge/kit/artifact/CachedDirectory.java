package dev.quipforge.kit.artifact;

import java.nio.file.Path;

/** The artifacts of a prefix as local files. They stay until this is closed, and should not be changed. */
public final class CachedDirectory implements AutoCloseable {

    private final Path path;
    private final Runnable release;
    private boolean closed;

    CachedDirectory(Path path, Runnable release) {
        this.path = path;
        this.release = release;
    }

    /** The directory that stands for the prefix. */
    public Path path() {
        return path;
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            release.run();
        }
    }
}
