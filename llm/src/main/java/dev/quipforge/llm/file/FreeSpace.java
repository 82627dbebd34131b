package dev.quipforge.llm.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What is free on a disk. */
public final class FreeSpace {

    private static final double GIGA = 1e9;

    private FreeSpace() {}

    /**
     * Demands that so much can be written, so that a task fails before its first hour and not after its last.
     *
     * @param directory where files will be; it need not be there yet
     * @param bytes how much
     * @param what needs it, for the message, such as {@code quantizing Llama-3-70B}
     * @throws DiskSpaceException when less is free
     */
    public static void requireFree(Path directory, long bytes, String what) {
        long free = of(directory);
        if (free < bytes) {
            throw new DiskSpaceException(
                    "%s: %s needs %.1f GB here, %.1f GB are free (expected: room on this disk, or a directory on a larger one)"
                            .formatted(directory, what, bytes / GIGA, free / GIGA));
        }
    }

    /** Bytes that may be written in {@code directory}, or would be if it were made. */
    public static long of(Path directory) {
        Path existing = AtomicFile.existing(directory.toAbsolutePath());
        try {
            return Files.getFileStore(existing).getUsableSpace();
        } catch (IOException e) {
            throw new UncheckedIOException(existing + ": what is free cannot be read", e);
        }
    }
}
