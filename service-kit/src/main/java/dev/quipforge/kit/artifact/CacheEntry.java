package dev.quipforge.kit.artifact;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One directory of a cache and its lock file. There is one instance a directory in this JVM, because file locks belong to the
 * process: who uses the directory holds the lock shared, who fills or removes it holds it alone.
 */
final class CacheEntry {

    private static final Map<Path, CacheEntry> OF_THIS_JVM = new ConcurrentHashMap<>();

    private final Path directory;
    private final Path lockFile;
    private int users;
    private @Nullable FileChannel channel;

    private CacheEntry(Path directory) {
        this.directory = directory;
        this.lockFile = directory.resolveSibling(directory.getFileName() + ".lock");
    }

    /** The entry of an absolute path. */
    static CacheEntry of(Path directory) {
        return OF_THIS_JVM.computeIfAbsent(directory, CacheEntry::new);
    }

    /** Fills the directory if it is not there, and keeps it until {@link #release}. */
    synchronized Path acquire(Filling filling) throws IOException {
        while (users == 0) {
            ensureFilled(filling);
            FileChannel shared = open();
            shared.lock(0, Long.MAX_VALUE, true);
            if (Files.isDirectory(directory)) {
                channel = shared;
                break;
            }
            shared.close();
        }
        users++;
        return directory;
    }

    private void ensureFilled(Filling filling) throws IOException {
        if (!Files.isDirectory(directory)) {
            try (FileChannel alone = open();
                    FileLock _ = alone.lock()) {
                if (!Files.isDirectory(directory)) {
                    filling.fill(directory);
                }
            }
        }
    }

    synchronized void release() {
        users--;
        FileChannel shared = channel;
        if (users == 0 && shared != null) {
            channel = null;
            try {
                shared.close();
            } catch (IOException e) {
                throw new ArtifactException(directory.toString(), "cannot be unlocked: " + e.getMessage(), e);
            }
        }
    }

    /** Removes the directory unless somebody uses it. */
    synchronized boolean remove() throws IOException {
        if (users > 0) {
            return false;
        }
        try (FileChannel alone = open();
                FileLock lock = alone.tryLock()) {
            if (lock == null) {
                return false;
            }
            Trees.delete(directory);
            return true;
        }
    }

    private FileChannel open() throws IOException {
        return FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    /** Makes the directory, whole or not at all. */
    @FunctionalInterface
    interface Filling {
        void fill(Path directory) throws IOException;
    }
}
